/** Pratique's own MutatingWebhookConfiguration and ValidatingWebhookConfiguration as they are in the cluster. Changing them is `bundle.ts`. */
import { entry, fields, items, text } from '../../util/unstructured.ts';
import { type KubernetesApi, KubernetesError } from '../kubernetes/api.ts';
import {
  mutatingWebhookConfigurations,
  pathOf,
  type Resource,
  validatingWebhookConfigurations,
} from '../kubernetes/resource.ts';

/** How this Pratique would be registered. */
export interface Own {
  /** Of both configurations: `server.webhook.configurations`, not empty. */
  readonly name: string;
  /** Of its Service: `pratique.pratique-system.svc`. */
  readonly host: string;
}

/** One webhook of a configuration. */
export interface RegisteredWebhook {
  readonly name: string;
  /** Its place there: a patch needs it. */
  readonly index: number;
  /** PEM text; '' when there is none. */
  readonly bundle: string;
  /** What the API server expects in the certificate. */
  readonly host: string;
  /** Namespaces that its selector leaves out by name. */
  readonly excludes: readonly string[];
}

export interface WebhookConfiguration {
  readonly kind: string;
  readonly path: string;
  /** Ours of them. */
  readonly webhooks: readonly RegisteredWebhook[];
  /** cert-manager was asked to fill the bundle. */
  readonly isInjected: boolean;
}

const resources = [mutatingWebhookConfigurations, validatingWebhookConfigurations];
/** More are not ours. */
const maxWebhooks = 32;
const maxExcluded = 1_000;

/**
 * Those of the two that exist and are about us: a server that somebody runs elsewhere, with an administrator's
 * kubeconfig, must leave alone what is registered for another Service. Asks for them by name: the role allows nothing else.
 */
export async function readConfigurations(
  api: KubernetesApi,
  own: Own,
  signal: AbortSignal,
): Promise<readonly WebhookConfiguration[]> {
  const found = await Promise.all(resources.map((resource) => read(api, resource, own, signal)));
  return found
    .filter((configuration) => configuration !== null)
    .filter(({ webhooks }) => webhooks.length > 0);
}

async function read(
  api: KubernetesApi,
  resource: Resource,
  { name, host }: Own,
  signal: AbortSignal,
): Promise<WebhookConfiguration | null> {
  const path = pathOf(resource, { name });
  try {
    const object = fields(await api.request({ path, signal }));
    const { annotations } = fields(object['metadata']);
    return {
      kind: resource.kind,
      path,
      webhooks: items(object['webhooks'])
        .slice(0, maxWebhooks)
        .map(webhookIn)
        // Who registers an address knows whose it is.
        .filter((webhook) => !webhook.isService || webhook.host === host),
      isInjected: injections.some((key) => entry(annotations, key) !== undefined),
    };
  } catch (error) {
    if (error instanceof KubernetesError && error.code === 'NotFound') return null;
    throw error;
  }
}

const injections = [
  'cert-manager.io/inject-ca-from',
  'cert-manager.io/inject-ca-from-secret',
  'cert-manager.io/inject-apiserver-ca',
];

function webhookIn(webhook: unknown, index: number): RegisteredWebhook & { readonly isService: boolean } {
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
