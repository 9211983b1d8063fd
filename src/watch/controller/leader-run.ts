/** One term of leadership: its watches, the queue that changes feed, and the workers. It ends with its signal and is not reused. */
import { isDeepStrictEqual } from 'node:util';
import type { ClusterNode } from '../../judge/nodes/node.ts';
import type { ImageInspection } from '../api/parse-inspection.ts';
import { uidWithoutRevision } from '../cluster/records/pod-owner.ts';
import type { PodRecord } from '../cluster/records/pod-record.ts';
import type { EventRecorder } from '../kubernetes/event-recorder.ts';
import type { Change, StoreView } from '../kubernetes/informer/store.ts';
import type { ControllerOptions } from './dependencies.ts';
import { Debounce } from '../../util/async/debounce.ts';
import { UserCreatedObjects } from './usage/user-created-objects.ts';
import { ImageCounter } from './usage/image-counter.ts';
import { type Priority, WorkQueue } from './queue.ts';
import { Reconciler } from './reconciler.ts';
import { TemplateInformers } from './usage/templates.ts';
import type { Timers } from '../../util/async/timers.ts';
import { isUnpinned } from './usage/unpinned-pods.ts';
import { UsageIndex } from './usage/usage-index.ts';
import { InspectionWriter } from './objects/writer.ts';

export interface LeaderRunOptions extends ControllerOptions {
  readonly timers: Timers;
  readonly events: EventRecorder;
}

/** Pods are usually created in bursts. */
const userChangeDelayMs = 1_000;
/** Nodes come and go, and each change may affect every image. */
const nodeChangeDelayMs = 10_000;

export class LeaderRun {
  readonly #options: LeaderRunOptions;
  readonly #usages: UsageIndex;
  readonly #templates: TemplateInformers;
  readonly #userCreated: UserCreatedObjects;
  readonly #counter: ImageCounter;
  readonly #queue: WorkQueue;
  readonly #nodeChanges: Debounce;
  readonly #unsubscribers: (() => void)[] = [];
  #isWorking = false;
  #onPod: (pod: PodRecord) => void = () => {};

  constructor(options: LeaderRunOptions) {
    const { api, informers, reflectorObserver, reflectorTimes, context, observer, timers } = options;
    const random = options.random ?? Math.random;
    this.#options = options;
    this.#usages = new UsageIndex({ referenceIn: (image) => informers.references.in(image) });
    const imageKey = (namespace: string, image: string) => this.#usages.imageKey(namespace, image);
    this.#userCreated = new UserCreatedObjects(imageKey);
    this.#counter = new ImageCounter(imageKey);
    this.#templates = new TemplateInformers({
      api,
      shared: informers.interned,
      ...(reflectorObserver && { observer: reflectorObserver }),
      ...(reflectorTimes && { times: reflectorTimes }),
    });
    const reconciler = new Reconciler({
      writer: new InspectionWriter(api),
      objects: informers.inspections,
      usages: this.#usages,
      context,
      ownerExists: (uid) => this.#templates.ownerExists(uid),
      isUnpinned: (pod, use) => isUnpinned(pod, use, options),
      emit: ({ regarding, ...event }) => options.events.record({ regarding, ...event }),
      observer,
      timers,
      random,
    });
    this.#queue = new WorkQueue({
      workers: () => context().settings.workers,
      work: async (key, signal) => {
        observer.queueDepthChanged(this.#queue.depth);
        return await reconciler.reconcile(key, signal);
      },
      onFailure: (key, error, failures) => observer.reconcileFailed(key, error, failures),
      timers,
      random,
    });
    this.#nodeChanges = new Debounce(timers, nodeChangeDelayMs, () => this.enqueueAll());
  }

  /** Number of images in use. */
  get size(): number {
    return this.#usages.size;
  }

  /** Runs the watches until `signal` aborts; never rejects. */
  watch(signal: AbortSignal): Promise<void> {
    const { informers } = this.#options;
    this.#subscribe(informers.pods, (change) => this.#handlePod(change));
    this.#templates.subscribe((change) => this.#handleTemplate(change));
    this.#subscribe(informers.inspections, (change) => this.#handleObject(change));
    this.#unsubscribers.push(
      informers.nodeStore.subscribe((change) => {
        if (isRelevantNodeChange(change)) this.#nodeChanges.trigger();
      }),
      informers.runtimeClasses.subscribe(() => this.#nodeChanges.trigger()),
      informers.namespaces.subscribe(({ key }) => this.#enqueueAll(`${key}/`)),
    );
    return this.#templates.run(signal);
  }

  /** Rejects if `signal` aborts before. */
  synced(signal: AbortSignal): Promise<void> {
    return this.#templates.synced(signal);
  }

  /** Calls `onPod` for each existing pod and each new or changed one. */
  forEachPod(onPod: (pod: PodRecord) => void): void {
    this.#onPod = onPod;
    for (const pod of this.#options.informers.pods.values()) onPod(pod);
  }

  /** Runs until `signal` aborts and the work in flight has ended. */
  async work(signal: AbortSignal): Promise<void> {
    this.#isWorking = true;
    this.#options.observer.images(this.#counter);
    this.enqueueAll();
    await this.#queue.run(signal);
  }

  /** Enqueues every object because something has changed that affects all images. */
  enqueueAll(): void {
    this.#enqueueAll('');
  }

  stop(): void {
    this.#isWorking = false;
    for (const leave of this.#unsubscribers.splice(0)) leave();
    this.#nodeChanges.stop();
  }

  #subscribe<T>(store: StoreView<T>, handle: (change: Change<T>) => void): void {
    for (const after of store.values()) handle({ key: '', before: undefined, after });
    this.#unsubscribers.push(store.subscribe(handle));
  }

  #handlePod(change: Change<PodRecord>): void {
    this.#handleUser(change);
    if (change.after) this.#onPod(change.after);
  }

  #handleTemplate(change: Change<PodRecord>): void {
    this.#handleUser(change);
    const { before, after } = change;
    if (before && before.uid !== after?.uid) this.#enqueuePinsOf(before);
  }

  /** Enqueues objects that only the owner's pins kept, even if its template no longer names their image. */
  #enqueuePinsOf({ namespace, uid }: PodRecord): void {
    if (!this.#isWorking) return;
    for (const object of this.#options.informers.inspections.values()) {
      const { pins = [] } = object.namespace === namespace ? (object.status ?? {}) : {};
      if (pins.some(({ ownerUID }) => uidWithoutRevision({ uid: ownerUID }) === uid)) {
        this.#enqueue(`${namespace}/${object.name}`, userChangeDelayMs);
      }
    }
  }

  #handleUser({ before, after }: Change<PodRecord>): void {
    for (const key of this.#usages.apply({ before, after })) this.#enqueueUsers(key);
  }

  #handleObject({ before, after }: Change<ImageInspection>): void {
    this.#counter.apply({ before, after });
    this.#userCreated.apply({ before, after });
    if (this.#isWorking) this.#options.observer.images(this.#counter);
    const object = after ?? before;
    // Status updates are our own.
    if (!object || (before && after && isOnlyStatusChange(before, after))) return;
    this.#enqueue(`${object.namespace}/${object.name}`, 0);
  }

  /** Enqueues the object of an image whose users have changed, and the objects that users created for it. */
  #enqueueUsers(key: string): void {
    this.#enqueue(key, userChangeDelayMs);
    for (const other of this.#userCreated.forImage(key)) this.#enqueue(other, userChangeDelayMs);
  }

  #enqueueAll(prefix: string): void {
    if (!this.#isWorking) return;
    const { inspections } = this.#options.informers;
    for (const key of this.#usages.keys()) if (key.startsWith(prefix)) this.#enqueueReview(key);
    for (const { namespace, name } of inspections.values()) {
      const key = `${namespace}/${name}`;
      if (key.startsWith(prefix)) this.#enqueueReview(key);
    }
  }

  /** Enqueues an object with high priority only if it has no result yet. */
  #enqueueReview(key: string): void {
    this.#enqueue(key, 0, this.#options.informers.inspections.get(key)?.status ? 'low' : 'high');
  }

  #enqueue(key: string, ms: number, priority: Priority = 'high'): void {
    // Nothing is enqueued before the caches are synced; then everything is.
    if (!this.#isWorking) return;
    this.#queue.addAfter(key, ms, priority);
    this.#options.observer.queueDepthChanged(this.#queue.depth);
  }
}

/** Returns whether a change affects images: `status.images` changes all the time and has little effect. */
function isRelevantNodeChange({ before, after }: Change<ClusterNode>): boolean {
  if (!before || !after) return true;
  const { images: _before, ...one } = before;
  const { images: _after, ...other } = after;
  return !isDeepStrictEqual(one, other);
}

function isOnlyStatusChange(before: ImageInspection, after: ImageInspection): boolean {
  return (
    before.uid === after.uid &&
    before.generation === after.generation &&
    before.isManaged === after.isManaged &&
    before.isBeingDeleted === after.isBeingDeleted &&
    before.inspectNow === after.inspectNow
  );
}
