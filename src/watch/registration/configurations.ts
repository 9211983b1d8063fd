/** Pratique's own MutatingWebhookConfiguration and ValidatingWebhookConfiguration as they are in the cluster. Changing them is `bundle.ts`. */
import { entry, fields, items, text } from '../../judge/workload/read.ts';
import { type KubernetesApi, KubernetesError } from '../kubernetes/api.ts';

/** One webhook of a configuration. */
export interface RegisteredWebhook {
  readonly name: string;
  /** PEM text; '' when there is none. */
  readonly bundle: string;
  /** What the API server expects in the certificate. */
  readonly host: string;
}

export interface WebhookConfiguration {
  readonly kind: (typeof kinds)[number];
  readonly path: string;
  /** In their order there: a patch needs it. */
  readonly webhooks: readonly RegisteredWebhook[];
  /** cert-manager was asked to fill the bundle. */
  readonly isInjected: boolean;
}

const kinds = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'] as const;
/** More are not ours. */
const maxWebhooks = 32;

/** Those of the two that exist. Asks for them by name: the role allows nothing else. */
export async function readConfigurations(
  api: KubernetesApi,
  name: string,
  signal: AbortSignal,
): Promise<readonly WebhookConfiguration[]> {
  const found = await Promise.all(kinds.map((kind) => read(api, kind, name, signal)));
  return found.filter((configuration) => configuration !== null);
}

async function read(
  api: KubernetesApi,
  kind: (typeof kinds)[number],
  name: string,
  signal: AbortSignal,
): Promise<WebhookConfiguration | null> {
  const path = `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase()}s/${encodeURIComponent(name)}`;
  try {
    const object = fields(await api.request({ path, signal }));
    const { annotations } = fields(object['metadata']);
    return {
      kind,
      path,
      webhooks: items(object['webhooks']).slice(0, maxWebhooks).map(webhookIn),
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

function webhookIn(webhook: unknown): RegisteredWebhook {
  const { name, clientConfig } = fields(webhook);
  const { caBundle, service, url } = fields(clientConfig);
  return {
    name: text(name),
    bundle: Buffer.from(text(caBundle), 'base64').toString('utf8'),
    host: hostOf(fields(service), text(url)),
  };
}

function hostOf(service: Readonly<Record<string, unknown>>, url: string): string {
  const name = text(service['name']);
  if (name !== '') return `${name}.${text(service['namespace'])}.svc`;
  return URL.parse(url)?.hostname.replace(/^\[|\]$/g, '') ?? '';
}
