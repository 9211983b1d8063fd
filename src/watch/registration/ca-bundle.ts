/** The leader keeps the `caBundle` of Pratique's own webhook configurations as the certificates need it. It never creates or removes a configuration. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type KubernetesApi, KubernetesError } from '../kubernetes/api.ts';
import { fieldManager } from '../kubernetes/writes.ts';
import { type Own, readConfigurations, type WebhookConfiguration } from './configurations.ts';

export interface BundleOptions {
  readonly api: KubernetesApi;
  readonly own: Own;
  /** PEM text of the authorities that clients have to trust now; null: not ours to say. */
  readonly bundle: () => string | null;
  /**
   * Keep what is registered beside it. For files: other replicas may still serve, or serve already, under another
   * authority than this one has been given.
   */
  readonly keepRegistered: boolean;
  readonly observer: BundleObserver;
  /** A chart that was applied again has emptied the bundle: until this is over, the API server trusts nobody. */
  readonly checkEveryMs?: number;
}

export interface BundleObserver {
  /** `configuration`: its kind. */
  bundleRegistered(configuration: string): void;
  /** It is tried again. */
  bundleFailed(error: Error): void;
}

const block = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
/** Of those that are no longer wanted: etcd takes 1.5 MiB an object, and authorities are exchanged once a year or so. */
const maxKept = 16;

/** Runs until `signal` aborts, which is when this replica leads no longer. Never rejects. */
export async function keepBundle(options: BundleOptions, signal: AbortSignal): Promise<void> {
  let told: string | null = null;
  while (!signal.aborted) {
    try {
      await look(options, signal);
      told = null;
    } catch (error) {
      if (signal.aborted) return;
      const failure = error instanceof Error ? error : new Error(String(error));
      if (failure.message !== told) options.observer.bundleFailed(failure);
      told = failure.message;
    }
    await sleep(options.checkEveryMs ?? 2_000, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** Do all webhooks that are registered trust every authority in `bundle` (PEM)? true when none is registered. */
export async function isBundleRegistered(
  api: KubernetesApi,
  own: Own,
  bundle: string,
  signal: AbortSignal,
): Promise<boolean> {
  const configurations = await readConfigurations(api, own, signal);
  const wanted = blocksOf(bundle);
  return configurations
    .flatMap(({ webhooks }) => webhooks)
    .every((webhook) => wanted.every((pem) => blocksOf(webhook.bundle).includes(pem)));
}

async function look({ api, own, bundle, keepRegistered, observer }: BundleOptions, signal: AbortSignal) {
  const wanted = bundle();
  if (wanted === null) return;
  for (const configuration of await readConfigurations(api, own, signal)) {
    const patch = patchOf(configuration, wanted, keepRegistered);
    if (patch.length === 0) continue;
    if (await apply(api, configuration, patch, signal)) observer.bundleRegistered(configuration.kind);
  }
}

/** By index, as JSON Patch has it, and only if the webhook of that name still stands there. */
function patchOf({ webhooks }: WebhookConfiguration, wanted: string, keepRegistered: boolean) {
  return webhooks.flatMap(({ name, bundle, index }) => {
    const value = keepRegistered ? joined(wanted, bundle) : wanted;
    if (value === bundle) return [];
    return [
      { op: 'test', path: `/webhooks/${index}/name`, value: name },
      {
        op: 'add',
        path: `/webhooks/${index}/clientConfig/caBundle`,
        value: Buffer.from(value).toString('base64'),
      },
    ];
  });
}

/** Unchanged when nothing is missing, so that nothing is written. */
function joined(wanted: string, registered: string): string {
  const [present, own] = [blocksOf(registered), blocksOf(wanted)];
  if (own.every((pem) => present.includes(pem))) return registered;
  const kept = present.filter((pem) => !own.includes(pem)).slice(0, maxKept);
  return [...own, ...kept].map((pem) => `${pem}\n`).join('');
}

/** false: it has changed or gone meanwhile, and is looked at again. */
async function apply(
  api: KubernetesApi,
  { path }: WebhookConfiguration,
  patch: readonly unknown[],
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const query = { fieldManager };
    const contentType = 'application/json-patch+json';
    await api.request({ method: 'PATCH', path, query, contentType, body: patch, signal });
    return true;
  } catch (error) {
    if (error instanceof KubernetesError && ['NotFound', 'Conflict', 'Invalid'].includes(error.code))
      return false;
    throw error;
  }
}

function blocksOf(bundle: string): readonly string[] {
  return bundle.match(block) ?? [];
}
