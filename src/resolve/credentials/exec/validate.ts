/** Validation of a `CredentialProviderConfig` by the rules of the kubelet's `validateCredentialProviderConfig`. */
import { clean } from '../../../util/text/text.ts';
import { parseUrlPattern } from '../url-match.ts';
import type { ProviderConfig, TokenAttributes } from './config.ts';
import { protocolVersions } from './protocol.ts';

export interface ProviderProblem {
  /** The kubelet's name of the field, without an index: `providers.matchImages`. */
  readonly field: string;
  readonly message: string;
}

type Rule = readonly [broken: boolean, field: string, message: string];

/** Returns [] for a valid configuration. `serviceAccountTokens` is true if providers may request service account tokens. */
export function validateProviders(
  providers: readonly ProviderConfig[],
  serviceAccountTokens: boolean,
): readonly ProviderProblem[] {
  const names = providers.map(({ name }) => name);
  return [
    ...broken('providers', [[providers.length === 0, '', 'at least one is required']]),
    ...providers.flatMap((each, index) => [
      ...broken('providers', rules(each, names.indexOf(each.name) < index)),
      ...(each.tokenAttributes ? tokenProblems(each, each.tokenAttributes, serviceAccountTokens) : []),
    ]),
  ];
}

function rules(provider: ProviderConfig, duplicate: boolean): readonly Rule[] {
  const { apiVersion, matchImages, defaultCacheDurationMs: duration } = provider;
  const name = clean(provider.name, 80);
  const bad = matchImages.find((image) => !parseUrlPattern(image));
  return [
    // An empty name would resolve to the directory itself.
    [
      /[/ ]/.test(provider.name) || ['', '.', '..'].includes(provider.name),
      'name',
      `"${name}" is not the name of an executable`,
    ],
    [duplicate, 'name', `"${name}" is used twice`],
    [!protocolVersions.has(apiVersion), 'apiVersion', `must be one of ${[...protocolVersions].join(', ')}`],
    [matchImages.length === 0, 'matchImages', `"${name}" needs at least one`],
    [bad !== undefined, 'matchImages', `"${clean(bad ?? '', 80)}" is not a valid pattern`],
    [duration === null, 'defaultCacheDuration', `"${name}" needs one`],
    [duration !== null && duration < 0, 'defaultCacheDuration', 'must not be negative'],
  ];
}

function tokenProblems(
  { apiVersion }: ProviderConfig,
  attributes: TokenAttributes,
  serviceAccountTokens: boolean,
): readonly ProviderProblem[] {
  const { requiredServiceAccountAnnotationKeys: required, optionalServiceAccountAnnotationKeys: optional } =
    attributes;
  const both = required.some((key) => optional.includes(key));
  const { requireServiceAccount, cacheType } = attributes;
  return broken('providers.tokenAttributes', [
    [!serviceAccountTokens, '', 'service account tokens are not available'],
    [apiVersion !== 'credentialprovider.kubelet.k8s.io/v1', '', 'needs protocol version v1'],
    [attributes.serviceAccountTokenAudience === '', 'serviceAccountTokenAudience', 'required'],
    [requireServiceAccount === null, 'requireServiceAccount', 'required'],
    // Kubernetes 1.34 and later require the field; older configurations do not have it.
    [!['', 'ServiceAccount', 'Token'].includes(cacheType), 'cacheType', 'must be ServiceAccount or Token'],
    [
      requireServiceAccount === false && required.length > 0,
      'requiredServiceAccountAnnotationKeys',
      'needs requireServiceAccount: true',
    ],
    [!areKeys(required), 'requiredServiceAccountAnnotationKeys', 'must be different annotation keys'],
    [!areKeys(optional), 'optionalServiceAccountAnnotationKeys', 'must be different annotation keys'],
    [both, '', 'annotation keys cannot be both required and optional'],
  ]);
}

function broken(parent: string, all: readonly Rule[]): readonly ProviderProblem[] {
  return all
    .filter(([isBroken]) => isBroken)
    .map(([, field, message]) => ({ field: field === '' ? parent : `${parent}.${field}`, message }));
}

const namePart = /^[a-z0-9](?:[-a-z0-9_.]{0,61}[a-z0-9])?$/;
const prefixPart = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

/** Returns true if all are distinct qualified names, compared without case. */
function areKeys(keys: readonly string[]): boolean {
  return new Set(keys).size === keys.length && keys.every((key) => isQualifiedName(key.toLowerCase()));
}

function isQualifiedName(key: string): boolean {
  const slash = key.indexOf('/');
  const prefix = key.slice(0, Math.max(0, slash));
  return (
    namePart.test(key.slice(slash + 1)) && (slash < 0 || (prefix.length <= 253 && prefixPart.test(prefix)))
  );
}
