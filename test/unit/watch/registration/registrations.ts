/** Builders of webhook configurations in the fake API server. */
import type { MemoryApi } from './memory-api.ts';

export const own = { name: 'pratique', host: 'pratique.pratique-system.svc' };

const base = '/apis/admissionregistration.k8s.io/v1';
export const mutating = `${base}/mutatingwebhookconfigurations/pratique`;
export const validating = `${base}/validatingwebhookconfigurations/pratique`;

export interface Webhook {
  readonly name: string;
  readonly bundle?: string;
  /** Registered URL instead of a Service. */
  readonly url?: string;
  /** Name of the Service; defaults to `pratique`, our own. */
  readonly service?: string;
  /** Namespaces that its selector excludes. */
  readonly excludes?: readonly string[];
}

/** Returns text that looks like a certificate; its content is not read. */
export function pem(content: string): string {
  return `-----BEGIN CERTIFICATE-----\n${content}\n-----END CERTIFICATE-----\n`;
}

export function configuration(...webhooks: readonly Webhook[]): Record<string, unknown> {
  return {
    metadata: { name: 'pratique' },
    webhooks: webhooks.map(({ name, bundle, url, service, excludes }) => ({
      name,
      ...(excludes && { namespaceSelector: { matchExpressions: [excluding(excludes)] } }),
      clientConfig: {
        ...(url === undefined
          ? { service: { name: service ?? 'pratique', namespace: 'pratique-system', path: '/x' } }
          : { url }),
        ...(bundle === undefined ? {} : { caBundle: Buffer.from(bundle).toString('base64') }),
      },
    })),
  };
}

function excluding(values: readonly string[]) {
  return { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values };
}

/** Replaces the object, as an administrator would apply it. */
export function register(api: MemoryApi, path: string, object: Record<string, unknown>): void {
  api.put(path, object);
}

/** Returns the bundle of every webhook. */
export function bundleIn(api: MemoryApi, path: string): readonly string[] {
  const { webhooks } = api.objects.get(path) as {
    webhooks: readonly { readonly clientConfig: { readonly caBundle?: string } }[];
  };
  return webhooks.map(({ clientConfig }) => Buffer.from(clientConfig.caBundle ?? '', 'base64').toString());
}
