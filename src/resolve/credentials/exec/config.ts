/** Strict decoder for the kubelet's `CredentialProviderConfig`; `validate.ts` checks its rules. */
import { parse as parseYaml, YAMLError } from 'yaml';
import { z } from 'zod';
import { parseDuration } from '../../../util/text/duration.ts';
import { clean } from '../../../util/text/text.ts';

export interface TokenAttributes {
  readonly serviceAccountTokenAudience: string;
  /** Empty if absent. */
  readonly cacheType: string;
  /** null if absent. */
  readonly requireServiceAccount: boolean | null;
  readonly requiredServiceAccountAnnotationKeys: readonly string[];
  readonly optionalServiceAccountAnnotationKeys: readonly string[];
}

export interface ProviderConfig {
  /** Name of the executable in the directory of providers. */
  readonly name: string;
  readonly matchImages: readonly string[];
  /** null if absent. */
  readonly defaultCacheDurationMs: number | null;
  /** Protocol version of the executable. */
  readonly apiVersion: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly tokenAttributes: TokenAttributes | null;
}

/** Error for a configuration that is not usable; the message lists the problems. */
export class ProviderConfigError extends Error {
  override readonly name = 'ProviderConfigError';
  readonly code = 'CREDENTIAL_PROVIDER_CONFIG';
}

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const texts = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);

const duration = z.string().transform((value, context) => {
  const ms = parseDuration(value);
  if (ms === null) context.addIssue(`"${clean(value, 80)}" is not a duration`);
  return ms;
});

const provider = z.strictObject({
  name: text,
  matchImages: texts,
  defaultCacheDuration: duration.nullish(),
  apiVersion: text,
  args: texts,
  env: z.array(z.strictObject({ name: text, value: text })).nullish(),
});

const tokenAttributes = z.strictObject({
  serviceAccountTokenAudience: text,
  cacheType: text,
  requireServiceAccount: z
    .boolean()
    .nullish()
    .transform((value) => value ?? null),
  requiredServiceAccountAnnotationKeys: texts,
  optionalServiceAccountAnnotationKeys: texts,
});

const providerV1 = provider.extend({ tokenAttributes: tokenAttributes.nullish() });
const kind = z.literal('CredentialProviderConfig');

const config = z.discriminatedUnion('apiVersion', [
  z.strictObject({
    kind,
    apiVersion: z.literal('kubelet.config.k8s.io/v1'),
    providers: z.array(providerV1).nullish(),
  }),
  z.strictObject({
    kind,
    apiVersion: z.literal(['kubelet.config.k8s.io/v1beta1', 'kubelet.config.k8s.io/v1alpha1']),
    providers: z.array(provider).nullish(),
  }),
]);

/** Decodes the configuration from YAML or JSON. Throws `ProviderConfigError`. */
export function decodeProviderConfig(source: string): readonly ProviderConfig[] {
  const decoded = config.safeParse(yaml(source));
  if (decoded.error) {
    const issues = decoded.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new ProviderConfigError(clean(issues.join('; '), 512));
  }
  return (decoded.data.providers ?? []).map((each) => fromFile(each));
}

function fromFile({ defaultCacheDuration, env, ...rest }: z.output<typeof providerV1>): ProviderConfig {
  return {
    ...rest,
    defaultCacheDurationMs: defaultCacheDuration ?? null,
    env: env ?? [],
    tokenAttributes: rest.tokenAttributes ?? null,
  };
}

function yaml(source: string): unknown {
  try {
    return parseYaml(source, { maxAliasCount: 100, logLevel: 'error' });
  } catch (error) {
    if (!(error instanceof YAMLError || error instanceof ReferenceError || error instanceof RangeError))
      throw error;
    throw new ProviderConfigError(`not YAML: ${clean(error.message)}`, { cause: error });
  }
}
