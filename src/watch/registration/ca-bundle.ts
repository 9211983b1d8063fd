/** Keeper of the `caBundle` in Pratique's own webhook configurations, run by the leader. It never creates or deletes a configuration. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type KubernetesApi, KubernetesError } from '../kubernetes/api.ts';
import { fieldManager } from '../kubernetes/writes.ts';
import type { ConfigurationInformers } from './configuration-informers.ts';
import {
  type OwnRegistration,
  readConfigurations,
  type WebhookConfiguration,
} from './webhook-configurations.ts';

export interface CaBundleOptions {
  readonly api: KubernetesApi;
  readonly configurations: Pick<ConfigurationInformers, 'current' | 'subscribe'>;
  /** Returns the PEM text of the CAs that clients must trust now; null if Pratique does not manage the bundle. */
  readonly bundle: () => string | null;
  /** Keeps registered CAs as well. Used with certificate files: other replicas may serve certificates of another CA. */
  readonly keepRegistered: boolean;
  readonly observer: CaBundleObserver;
  /** Interval of checks of `bundle` and of retries; changes of the configurations are handled at once. */
  readonly checkEveryMs?: number;
}

export interface CaBundleObserver {
  /** `configuration` is its kind. */
  caBundleUpdated(configuration: string): void;
  /** The update failed and is retried. */
  caBundleUpdateFailed(error: Error): void;
}

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
/** Limit of CAs kept beside our own: etcd stores 1.5 MiB per object, and a CA is replaced about once a year. */
const maxKept = 16;

/** Runs until `signal` aborts, when this replica stops leading. Never rejects. */
export async function keepCaBundle(options: CaBundleOptions, signal: AbortSignal): Promise<void> {
  let lastFailure: string | null = null;
  let wake = new AbortController();
  const unsubscribe = options.configurations.subscribe(() => wake.abort());
  while (!signal.aborted) {
    wake = new AbortController();
    try {
      await updateAll(options, signal);
      lastFailure = null;
    } catch (error) {
      if (signal.aborted) break;
      const failure = error instanceof Error ? error : new Error(String(error));
      if (failure.message !== lastFailure) options.observer.caBundleUpdateFailed(failure);
      lastFailure = failure.message;
    }
    const until = AbortSignal.any([signal, wake.signal]);
    await sleep(options.checkEveryMs ?? 2_000, undefined, { signal: until, ref: false }).catch(() => {});
  }
  unsubscribe();
}

/** Returns whether all registered webhooks trust every CA in `bundle` (PEM); true if none is registered. Reads the API server. */
export async function isBundleRegistered(
  api: KubernetesApi,
  own: OwnRegistration,
  bundle: string,
  signal: AbortSignal,
): Promise<boolean> {
  const configurations = await readConfigurations(api, own, signal);
  const wanted = splitBundle(bundle);
  return configurations
    .flatMap(({ webhooks }) => webhooks)
    .every((webhook) => wanted.every((pem) => splitBundle(webhook.bundle).includes(pem)));
}

async function updateAll(
  { api, configurations, bundle, keepRegistered, observer }: CaBundleOptions,
  signal: AbortSignal,
): Promise<void> {
  const wanted = bundle();
  if (wanted === null) return;
  for (const configuration of configurations.current() ?? []) {
    const patch = bundlePatch(configuration, wanted, keepRegistered);
    if (patch.length === 0) continue;
    if (await applyPatch(api, configuration, patch, signal)) observer.caBundleUpdated(configuration.kind);
  }
}

/** Addresses webhooks by index and tests their names, in case the list has changed. */
function bundlePatch({ webhooks }: WebhookConfiguration, wanted: string, keepRegistered: boolean) {
  return webhooks.flatMap(({ name, bundle, index }) => {
    const value = keepRegistered ? mergeBundles(wanted, bundle) : wanted;
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

/** Returns `registered` unchanged if it has all CAs, so that nothing is written. */
function mergeBundles(wanted: string, registered: string): string {
  const [present, own] = [splitBundle(registered), splitBundle(wanted)];
  if (own.every((pem) => present.includes(pem))) return registered;
  const kept = present.filter((pem) => !own.includes(pem)).slice(0, maxKept);
  return [...own, ...kept].map((pem) => `${pem}\n`).join('');
}

/** Returns false if the configuration has changed or was deleted; the next check handles it. */
async function applyPatch(
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

function splitBundle(bundle: string): readonly string[] {
  return bundle.match(certificateBlock) ?? [];
}
