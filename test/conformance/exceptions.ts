/** The one reviewed list of vectors that Pratique does not follow, by rule and with the reason. Never by id. */
import type { Case } from './runner.ts';

export interface Exception {
  /** Vector file without `.json`. */
  readonly file: string;
  readonly kind?: string;
  readonly dialect?: string;
  readonly when?: (vector: Case) => boolean;
  readonly reason: string;
}

export const exceptions: readonly Exception[] = [
  {
    file: 'reference',
    dialect: 'regclient',
    reason: "another parser's opinion; distribution/reference decides",
  },
  {
    file: 'platforms',
    dialect: 'regclient',
    reason: "another program's opinion; containerd/platforms decides",
  },
  { file: 'registries-yaml', dialect: 'wharfie', reason: 'k3s itself decides how registries.yaml is read' },
  {
    file: 'token-scope',
    kind: 'mergeScopes',
    reason:
      'scope is exactly the physical repository, never a union: the union broke ghcr.io and Harbor as mirrors',
  },
  {
    file: 'daemon-json',
    kind: 'continueOnError',
    reason:
      'Pratique falls through on every failure but cancellation and policy, so there is nothing to classify',
  },
  {
    file: 'docker-config',
    kind: 'lookup',
    when: (vector) => vector.error === 'malformed',
    reason: 'one malformed pull secret must not hide the good ones',
  },
  ...(
    [
      'cacheKey',
      'serviceAccountCacheKey',
      'serviceAccountCacheKeyDistinct',
      'cacheResult',
      'cacheSequence',
      'provideServiceAccount',
    ] as const
  ).map((kind) => ({
    file: 'exec-credential-provider',
    kind,
    reason: 'inside the kubelet, not visible from outside',
  })),
  {
    file: 'challenge',
    dialect: 'regclient',
    when: (vector) => vector['headers'] !== undefined && vector.error !== undefined,
    reason: 'a syntax error ends one header line here and does not refuse the answer, as containerd does it',
  },
  {
    file: 'challenge',
    dialect: 'regclient',
    // A line that begins with a space or a quoted scheme, or an unquoted value with "/".
    when: (vector) => (vector['headers'] as string[]).some((line) => /^[\s"]|=[^\s",]*\//.test(line)),
    reason: 'regclient takes what the grammar of RFC 7235 does not have, and containerd does not take it',
  },
  {
    file: 'engine-api',
    kind: 'reach',
    when: ({ given, want }) =>
      String(given).includes('Hub refuses connections') && (want as { status?: unknown }).status === 404,
    reason:
      'a registry that refuses connections may hold the image: 503 as for every other failure of it, not 404; unknown is never no',
  },
];
