/** exec-credential-provider.json: the kubelet's credential provider plugins. */
import { cacheKey, type TokenCacheType } from '../../../src/resolve/credentials/exec/cache-key.ts';
import { decodeProviderConfig, type ProviderConfig } from '../../../src/resolve/credentials/exec/config.ts';
import { mergeEnv } from '../../../src/resolve/credentials/exec/environment.ts';
import {
  type CacheKeyType,
  decodeResponse,
  encodeRequest,
  type ProviderRequest,
} from '../../../src/resolve/credentials/exec/protocol.ts';
import { Provider } from '../../../src/resolve/credentials/exec/provider.ts';
import { validateProviders } from '../../../src/resolve/credentials/exec/validate.ts';
import { type Case, equal, equalOrThrow, type Outcome, type Runner } from '../runner.ts';

const apiVersion = 'credentialprovider.kubelet.k8s.io/v1';
const bare: ProviderConfig = {
  name: 'provider',
  matchImages: [],
  defaultCacheDurationMs: 0,
  apiVersion,
  args: [],
  env: [],
  tokenAttributes: null,
};

interface Provide extends Case {
  readonly matchImages: readonly string[];
  readonly image: string;
  readonly response: { readonly cacheKeyType: CacheKeyType };
}

interface Validate extends Case {
  readonly providers: readonly Partial<ProviderConfig>[];
  readonly serviceAccountTokens: boolean;
  readonly errorField?: string;
}

export const runner: Runner = {
  matchImages: (vector: Case & { matchImages: readonly string[]; image: string }): Outcome =>
    equal(vector.want, provider(vector.matchImages, () => '').covers(vector.image)),
  encodeRequest: (vector: Case & { apiVersion: string; request: ProviderRequest }): Outcome =>
    equal(vector.want, JSON.parse(encodeRequest(vector.apiVersion, vector.request))),
  decodeResponse: (vector: Case & { data: string }): Outcome =>
    equalOrThrow(vector, () => {
      const response = decodeResponse(vector.data);
      if (!response) throw new Error('no response');
      const { cacheKeyType, cacheDurationMs, auth } = response;
      return { cacheKeyType, ...(cacheDurationMs === null ? {} : { cacheDurationMs }), auth };
    }),
  mergeEnv: (vector: Case & { system?: readonly string[]; configured?: readonly string[] }): Outcome =>
    equal(vector.want ?? [], mergeEnv(vector.system ?? [], vector.configured ?? [])),
  cacheKeyType: (
    vector: Case & {
      cacheKeyType: CacheKeyType;
      image: string;
      serviceAccountCacheType?: TokenCacheType | null;
    },
  ): Outcome =>
    equalOrThrow(vector, () =>
      cacheKey(vector.cacheKeyType, vector.image, vector.serviceAccountCacheType ?? null),
    ),
  configFile: (vector: Case & { yaml: string }): Outcome =>
    equalOrThrow({ ...vector, want: (vector.want as object[] | undefined)?.map(full) }, () =>
      decodeProviderConfig(vector.yaml).map(full),
    ),
  validateConfig: (vector: Validate): Outcome => {
    const fields = validateProviders(vector.providers.map(configured), vector.serviceAccountTokens).map(
      ({ field }) => field,
    );
    if (vector.errorField === undefined) return equal([], fields);
    return fields.includes(vector.errorField)
      ? { ok: true }
      : { ok: false, want: vector.errorField, got: fields };
  },
  provide,
};

async function provide(vector: Provide): Promise<Outcome> {
  const { matchImages, image, response } = vector;
  let runs = 0;
  const asked = provider(matchImages, () => {
    runs++;
    return JSON.stringify({ kind: 'CredentialProviderResponse', apiVersion, ...response });
  });
  const dockerConfig = Object.fromEntries(
    (await asked.entries(image)).map(([key, { username, password }]) => [key, { username, password }]),
  );
  const invoked = runs > 0;
  await asked.entries(image);
  const got = {
    invoked,
    dockerConfig,
    ...(invoked ? { cacheKey: cacheKey(response.cacheKeyType, image, null).base, cached: runs === 1 } : {}),
  };
  return equal(vector.want, got);
}

function provider(matchImages: readonly string[], answer: () => string): Provider {
  const tools = { binDir: '/', environment: {}, run: () => Promise.resolve(answer()), now: () => 0 };
  return new Provider({ ...bare, matchImages }, tools);
}

/** The vectors leave empty members out. */
function full(config: object): object {
  return { ...bare, ...config };
}

function configured(partial: Partial<ProviderConfig>): ProviderConfig {
  const { tokenAttributes } = partial;
  const noTokens = {
    serviceAccountTokenAudience: '',
    cacheType: '',
    requireServiceAccount: null,
    requiredServiceAccountAnnotationKeys: [],
    optionalServiceAccountAnnotationKeys: [],
  };
  return {
    ...bare,
    name: '',
    defaultCacheDurationMs: null,
    apiVersion: '',
    ...partial,
    tokenAttributes: tokenAttributes ? { ...noTokens, ...tokenAttributes } : null,
  };
}
