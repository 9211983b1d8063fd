/** Parser of Pratique's own MutatingWebhookConfiguration and ValidatingWebhookConfiguration. */
import { entry, type Fields, fields, items, text } from '../../util/unstructured.ts';
import { type KubernetesApi, KubernetesError } from '../kubernetes/api.ts';
import {
  mutatingWebhookConfigurations,
  pathOf,
  type Resource,
  validatingWebhookConfigurations,
} from '../kubernetes/resource.ts';

/** Names under which this Pratique is registered. */
export interface OwnRegistration {
  /** Name of both configurations, from `server.webhook.configurations`; not empty. */
  readonly name: string;
  /** DNS name of its Service, for example `pratique.pratique-system.svc`. */
  readonly host: string;
}

/** One webhook of a configuration. */
export interface RegisteredWebhook {
  readonly name: string;
  /** Index in the list, for JSON Patch. */
  readonly index: number;
  /** PEM text; '' if it is empty. */
  readonly bundle: string;
  /** DNS name or IP address that the API server expects in the certificate. */
  readonly host: string;
  /** Namespaces that its selector excludes by name. */
  readonly excludes: readonly string[];
}

export interface WebhookConfiguration {
  readonly kind: string;
  readonly path: string;
  /** Milliseconds since the epoch; 0 if the timestamp is missing. An upgrade in place does not change it, a reinstallation does. */
  readonly createdAt: number;
  /** The webhooks that belong to this Pratique. */
  readonly webhooks: readonly RegisteredWebhook[];
  /** True if cert-manager is to fill the bundle. */
  readonly isInjected: boolean;
}

export const configurationResources: readonly Resource[] = [
  mutatingWebhookConfigurations,
  validatingWebhookConfigurations,
];
/** Beyond what Pratique registers. */
const maxWebhooks = 32;
const maxExcluded = 1_000;

/**
 * Returns the existing configurations that have our webhooks: a server run elsewhere, with an administrator's kubeconfig, must
 * not change those of another Service. Requests them by name, because the role allows nothing else.
 */
export async function readConfigurations(
  api: KubernetesApi,
  own: OwnRegistration,
  signal: AbortSignal,
): Promise<readonly WebhookConfiguration[]> {
  const found = await Promise.all(configurationResources.map((resource) => read(api, resource, own, signal)));
  return found
    .filter((configuration) => configuration !== null)
    .filter(({ webhooks }) => webhooks.length > 0);
}

async function read(
  api: KubernetesApi,
  resource: Resource,
  own: OwnRegistration,
  signal: AbortSignal,
): Promise<WebhookConfiguration | null> {
  const path = pathOf(resource, { name: own.name });
  try {
    return parseWebhookConfiguration(resource, fields(await api.request({ path, signal })), own);
  } catch (error) {
    if (error instanceof KubernetesError && error.code === 'NotFound') return null;
    throw error;
  }
}

/** Keeps only the webhooks of our own Service, or registered by URL. */
export function parseWebhookConfiguration(
  resource: Resource,
  object: Fields,
  { name, host }: OwnRegistration,
): WebhookConfiguration {
  const { annotations, creationTimestamp } = fields(object['metadata']);
  return {
    kind: resource.kind,
    path: pathOf(resource, { name }),
    createdAt: Date.parse(text(creationTimestamp)) || 0,
    webhooks: items(object['webhooks'])
      .slice(0, maxWebhooks)
      .map(parseWebhook)
      // An administrator who registers a URL knows whose it is.
      .filter((webhook) => !webhook.isService || webhook.host === host),
    isInjected: injectionAnnotations.some((key) => entry(annotations, key) !== undefined),
  };
}

const injectionAnnotations = [
  'cert-manager.io/inject-ca-from',
  'cert-manager.io/inject-ca-from-secret',
  'cert-manager.io/inject-apiserver-ca',
];

function parseWebhook(webhook: unknown, index: number): RegisteredWebhook & { readonly isService: boolean } {
  const { name, clientConfig, namespaceSelector } = fields(webhook);
  const { caBundle, service, url } = fields(clientConfig);
  return {
    name: text(name),
    index,
    isService: text(fields(service)['name']) !== '',
    bundle: Buffer.from(text(caBundle), 'base64').toString('utf8'),
    host: hostOf(fields(service), text(url)),
    excludes: excludedBy(fields(namespaceSelector)),
  };
}

function excludedBy({ matchExpressions }: Readonly<Record<string, unknown>>): readonly string[] {
  return items(matchExpressions)
    .slice(0, maxWebhooks)
    .map((expression) => fields(expression))
    .filter(({ key, operator }) => key === 'kubernetes.io/metadata.name' && operator === 'NotIn')
    .flatMap(({ values }) => items(values).slice(0, maxExcluded).map(text));
}

function hostOf(service: Readonly<Record<string, unknown>>, url: string): string {
  const name = text(service['name']);
  if (name !== '') return `${name}.${text(service['namespace'])}.svc`;
  return URL.parse(url)?.hostname.replace(/^\[|\]$/g, '') ?? '';
}
