/** Messages between the kubelet and a credential provider (`credentialprovider.kubelet.k8s.io`): request on stdin, response on stdout. */
import { z } from 'zod';
import { parseDuration } from '../../../util/text/duration.ts';

export const protocolVersions: ReadonlySet<string> = new Set([
  'credentialprovider.kubelet.k8s.io/v1',
  'credentialprovider.kubelet.k8s.io/v1beta1',
  'credentialprovider.kubelet.k8s.io/v1alpha1',
]);

export interface ProviderRequest {
  readonly image: string;
  readonly serviceAccountToken?: string;
  readonly serviceAccountAnnotations?: Readonly<Record<string, string>>;
}

export type CacheKeyType = 'Image' | 'Registry' | 'Global';

export interface ProviderResponse {
  readonly apiVersion: string;
  readonly cacheKeyType: CacheKeyType;
  /** null if the provider's configuration decides. */
  readonly cacheDurationMs: number | null;
  /** User and password, by docker config key. */
  readonly auth: Readonly<Record<string, { readonly username: string; readonly password: string }>>;
}

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

/** Schema of the response. It rejects unknown members, as the kubelet's decoder does. */
const response = z.strictObject({
  kind: z.literal('CredentialProviderResponse'),
  apiVersion: z.string().refine((version) => protocolVersions.has(version)),
  cacheKeyType: z.enum(['Image', 'Registry', 'Global']),
  cacheDuration: z
    .string()
    .transform((value) => parseDuration(value))
    .refine((ms) => ms !== null)
    .nullish(),
  auth: z.record(z.string(), z.strictObject({ username: text, password: text })).nullish(),
});

export function encodeRequest(apiVersion: string, request: ProviderRequest): string {
  return JSON.stringify({ kind: 'CredentialProviderRequest', apiVersion, ...request });
}

/** Returns null for a text that is not a response, without a reason: the text may contain secrets. */
export function decodeResponse(source: string): ProviderResponse | null {
  const decoded = response.safeParse(json(source));
  if (!decoded.success) return null;
  const { apiVersion, cacheKeyType, cacheDuration, auth } = decoded.data;
  return { apiVersion, cacheKeyType, cacheDurationMs: cacheDuration ?? null, auth: auth ?? {} };
}

function json(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return null;
  }
}
