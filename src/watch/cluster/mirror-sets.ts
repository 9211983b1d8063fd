/** OpenShift's mirror configuration as the cluster has it: every replica watches it. What it means, `resolve/endpoints/openshift` reads. */
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
  /** For tests. */
  readonly times?: Partial<ReflectorTimes>;
}

const resources = [imageDigestMirrorSets, imageTagMirrorSets, imageContentSourcePolicies, openShiftImages];

/** Several objects are often changed together. */
const settleMs = 2_000;
/** OpenShift has the kinds from its beginning: where they are missing, somebody may be about to install them. */
const absentMs = 15_000;

export class MirrorSets {
  readonly #reflectors: readonly (readonly [plural: string, Reflector<MirrorObject>])[];
  readonly #listeners = new Set<() => void>();
  readonly #changed: Debounce;
  readonly #wanted = Promise.withResolvers<void>();
  #told = '';

  constructor({ api, observer, times, timers = systemTimers }: MirrorSetsOptions) {
    this.#reflectors = resources.map((resource) => [
      resource.plural,
      new Reflector<MirrorObject>({
        api,
        resource,
        project: (object) => mirrorObjectOf(object, resource),
        // Without OpenShift there are none.
        optional: true,
        ...(observer && { observer }),
        times: { absentMs, ...times },
      }),
    ]);
    this.#changed = new Debounce(timers, settleMs, () => this.#tell());
  }

  /** A configuration names them: only then are they watched. */
  want(): void {
    this.#wanted.resolve();
  }

  /** All, in an order that depends on nothing but their names. */
  current(): readonly MirrorObject[] {
    const objects = this.#reflectors.flatMap(([, reflector]) => [...reflector.values()]);
    return objects.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** `listener` hears, some time after the first list, that `current` gives something else; it must not throw. Gives the way to leave. */
  onChange(listener: () => void): () => void {
    const own = (): void => listener();
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  /** For readiness: what was not listed yet, and why; null when everything was. */
  missing(): string | null {
    return describeUnsynced(this.#reflectors);
  }

  /** Resolves when everything was listed once, or is known not to be installed; rejects when `signal` aborts before. */
  async synced(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#reflectors.map(([, reflector]) => reflector.synced(signal)));
  }

  /** Until `signal` aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#wanted.resolve(), { once: true });
    await this.#wanted.promise;
    if (signal.aborted) return;
    const watching = this.#reflectors.map(([, reflector]) => reflector.run(signal));
    const following = this.synced(signal).then(
      () => this.#follow(),
      () => [],
    );
    await Promise.all(watching);
    for (const leave of await following) leave();
    this.#changed.stop();
  }

  #follow(): readonly (() => void)[] {
    this.#told = JSON.stringify(this.current());
    return this.#reflectors.map(([, reflector]) => reflector.subscribe(() => this.#changed.poke()));
  }

  #tell(): void {
    const now = JSON.stringify(this.current());
    if (now === this.#told) return;
    this.#told = now;
    for (const listener of this.#listeners) listener();
  }
}

/** Only what it says about mirrors: versions and states of objects change without any of that. */
function mirrorObjectOf(object: Fields, resource: Resource): MirrorObject | null {
  const name = text(fields(object['metadata'])['name']);
  const { kind } = resource;
  // Of the Image configuration there is one that counts.
  if (name === '' || (kind === 'Image' && name !== 'cluster')) return null;
  const written = JSON.stringify({ apiVersion: apiVersionOf(resource), kind, spec: fields(object['spec']) });
  return { name: `${kind}/${name}`, text: written };
}
