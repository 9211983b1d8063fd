/**
 * Informers of OpenShift's mirror configuration, which every replica runs. `resolve/endpoints/openshift`
 * interprets the objects.
 */
import { type Fields, fields, text } from '../../util/unstructured.ts';
import type { MirrorObject } from '../../resolve/endpoints/openshift/resources.ts';
import type { KubernetesApi } from '../kubernetes/api.ts';
import { describeUnsynced } from '../kubernetes/informer/sync-status.ts';
import { Reflector, type ReflectorObserver, type ReflectorTimes } from '../kubernetes/informer/reflector.ts';
import {
  apiVersionOf,
  imageContentSourcePolicies,
  imageDigestMirrorSets,
  imageTagMirrorSets,
  openShiftImages,
  type Resource,
} from '../kubernetes/resource.ts';
import { Debounce } from '../../util/async/debounce.ts';
import { systemTimers, type Timers } from '../../util/async/timers.ts';

export interface MirrorSetsOptions {
  readonly api: KubernetesApi;
  readonly observer?: ReflectorObserver;
  readonly timers?: Timers;
  /** Times that tests replace. */
  readonly times?: Partial<ReflectorTimes>;
}

const resources = [imageDigestMirrorSets, imageTagMirrorSets, imageContentSourcePolicies, openShiftImages];

/** Delay before a change is reported, because several objects are often changed together. */
const settleMs = 2_000;
/**
 * Interval of checks for a missing kind. OpenShift always has these kinds, so an administrator may be about
 * to install a missing one.
 */
const absentMs = 15_000;

export class MirrorSets {
  readonly #reflectors: readonly (readonly [plural: string, Reflector<MirrorObject>])[];
  readonly #listeners = new Set<() => void>();
  readonly #changed: Debounce;
  readonly #enabled = Promise.withResolvers<void>();
  #lastContent = '';

  constructor({ api, observer, times, timers = systemTimers }: MirrorSetsOptions) {
    this.#reflectors = resources.map((resource) => [
      resource.plural,
      new Reflector<MirrorObject>({
        api,
        resource,
        project: (object) => projectMirrorObject(object, resource),
        // The kinds exist only on OpenShift.
        optional: true,
        ...(observer && { observer }),
        times: { absentMs, ...times },
      }),
    ]);
    this.#changed = new Debounce(timers, settleMs, () => this.#notifyIfChanged());
  }

  /** Starts the watches. It is called when a configuration refers to mirror sets. */
  enable(): void {
    this.#enabled.resolve();
  }

  /** Returns all objects, sorted by name. */
  current(): readonly MirrorObject[] {
    const objects = this.#reflectors.flatMap(([, reflector]) => [...reflector.values()]);
    return objects.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Calls `listener` after a delay when `current` changes after the first list. The listener must not throw.
   * Returns the function that removes it.
   */
  onChange(listener: () => void): () => void {
    const wrapper = (): void => listener();
    this.#listeners.add(wrapper);
    return () => this.#listeners.delete(wrapper);
  }

  /** Returns a readiness message that names the kinds not synced yet; null if all are. */
  notSynced(): string | null {
    return describeUnsynced(this.#reflectors);
  }

  /** Resolves when all kinds are synced or known not to be installed; rejects if `signal` aborts before. */
  async synced(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#reflectors.map(([, reflector]) => reflector.synced(signal)));
  }

  /** Runs until `signal` aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#enabled.resolve(), { once: true });
    await this.#enabled.promise;
    if (signal.aborted) return;
    const watching = this.#reflectors.map(([, reflector]) => reflector.run(signal));
    const following = this.synced(signal).then(
      () => this.#subscribeToChanges(),
      () => [],
    );
    await Promise.all(watching);
    for (const unsubscribe of await following) unsubscribe();
    this.#changed.stop();
  }

  #subscribeToChanges(): readonly (() => void)[] {
    this.#lastContent = JSON.stringify(this.current());
    return this.#reflectors.map(([, reflector]) => reflector.subscribe(() => this.#changed.trigger()));
  }

  #notifyIfChanged(): void {
    const now = JSON.stringify(this.current());
    if (now === this.#lastContent) return;
    this.#lastContent = now;
    for (const listener of this.#listeners) listener();
  }
}

/** Keeps only the mirror configuration: versions and statuses change without any effect on it. */
function projectMirrorObject(object: Fields, resource: Resource): MirrorObject | null {
  const name = text(fields(object['metadata'])['name']);
  const { kind } = resource;
  // Only the Image configuration named `cluster` counts.
  if (name === '' || (kind === 'Image' && name !== 'cluster')) return null;
  const content = JSON.stringify({ apiVersion: apiVersionOf(resource), kind, spec: fields(object['spec']) });
  return { name: `${kind}/${name}`, text: content };
}
