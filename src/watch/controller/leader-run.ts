/** One time of leading: what is watched for it, what changes mean for the queue, and the work. It ends with its signal and is not used again. */
import { isDeepStrictEqual } from 'node:util';
import type { ClusterNode } from '../../judge/nodes/node.ts';
import type { ImageInspection } from '../api/read.ts';
import { uidWithoutRevision } from '../cluster/records/owner.ts';
import type { PodRecord } from '../cluster/records/pod-record.ts';
import type { EventRecorder } from '../kubernetes/event-recorder.ts';
import type { Change, StoreView } from '../kubernetes/informer/store.ts';
import type { ControllerOptions } from './controller.ts';
import { Debounce } from '../../util/async/debounce.ts';
import { UserCreated } from './usage/user-created.ts';
import { ImageCounter } from './usage/image-counter.ts';
import { type Priority, WorkQueue } from './queue.ts';
import { Reconciler } from './reconciler.ts';
import { Templates } from './usage/templates.ts';
import type { Timers } from '../../util/async/timers.ts';
import { UsageIndex } from './usage/usage-index.ts';
import { Writer } from './objects/writer.ts';

export interface LeaderRunOptions extends ControllerOptions {
  readonly timers: Timers;
  readonly events: EventRecorder;
}

/** Pods come in crowds. */
const settleMs = 1_000;
/** Nodes come and go, and each may concern every image. */
const nodesMs = 10_000;

export class LeaderRun {
  readonly #options: LeaderRunOptions;
  readonly #usages: UsageIndex;
  readonly #templates: Templates;
  readonly #handMade: UserCreated;
  readonly #counter: ImageCounter;
  readonly #queue: WorkQueue;
  readonly #nodes: Debounce;
  readonly #leave: (() => void)[] = [];
  #isWorking = false;
  #podSeen: (pod: PodRecord) => void = () => {};

  constructor(options: LeaderRunOptions) {
    const { api, view, reflectorObserver, reflectorTimes, inspecting, observer, timers } = options;
    const random = options.random ?? Math.random;
    this.#options = options;
    this.#usages = new UsageIndex({ referenceIn: (image) => view.references.in(image) });
    const keyOf = (namespace: string, image: string) => this.#usages.keyOf(namespace, image);
    this.#handMade = new UserCreated(keyOf);
    this.#counter = new ImageCounter(keyOf);
    this.#templates = new Templates({
      api,
      shared: view.interned,
      ...(reflectorObserver && { observer: reflectorObserver }),
      ...(reflectorTimes && { times: reflectorTimes }),
    });
    const reconciler = new Reconciler({
      writer: new Writer(api),
      objects: view.inspections,
      usages: this.#usages,
      inspecting,
      ownerLives: (uid) => this.#templates.has(uid),
      event: ({ regarding, ...event }) => options.events.record({ regarding, ...event }),
      observer,
      timers,
      random,
    });
    this.#queue = new WorkQueue({
      workers: () => inspecting().settings.workers,
      work: async (key, signal) => {
        observer.queued(this.#queue.depth);
        return await reconciler.reconcile(key, signal);
      },
      failed: (key, error, failures) => observer.failed(key, error, failures),
      timers,
      random,
    });
    this.#nodes = new Debounce(timers, nodesMs, () => this.reviewAll());
  }

  /** Images in use. */
  get size(): number {
    return this.#usages.size;
  }

  /** Until `signal` aborts; never rejects. */
  watch(signal: AbortSignal): Promise<void> {
    const { view } = this.#options;
    this.#follow(view.pods, (change) => this.#podChanged(change));
    this.#templates.subscribe((change) => this.#templateChanged(change));
    this.#follow(view.inspections, (change) => this.#objectChanged(change));
    this.#leave.push(
      view.nodeStore.subscribe((change) => {
        if (isOther(change)) this.#nodes.trigger();
      }),
      view.runtimeClasses.subscribe(() => this.#nodes.trigger()),
      view.namespaces.subscribe(({ key }) => this.#review(`${key}/`)),
    );
    return this.#templates.run(signal);
  }

  /** Rejects when `signal` aborts before. */
  synced(signal: AbortSignal): Promise<void> {
    return this.#templates.synced(signal);
  }

  /** Those that are there, and every one that comes or changes. */
  forEachPod(seen: (pod: PodRecord) => void): void {
    this.#podSeen = seen;
    for (const pod of this.#options.view.pods.values()) seen(pod);
  }

  /** Until `signal` aborts and the work in hand has ended. */
  async work(signal: AbortSignal): Promise<void> {
    this.#isWorking = true;
    this.#options.observer.images(this.#counter);
    this.reviewAll();
    await this.#queue.run(signal);
  }

  /** Something that concerns every image has changed. */
  reviewAll(): void {
    this.#review('');
  }

  end(): void {
    this.#isWorking = false;
    for (const leave of this.#leave.splice(0)) leave();
    this.#nodes.stop();
  }

  #follow<T>(store: StoreView<T>, heard: (change: Change<T>) => void): void {
    for (const after of store.values()) heard({ key: '', before: undefined, after });
    this.#leave.push(store.subscribe(heard));
  }

  #podChanged(change: Change<PodRecord>): void {
    this.#userChanged(change);
    if (change.after) this.#podSeen(change.after);
  }

  #templateChanged(change: Change<PodRecord>): void {
    this.#userChanged(change);
    const { before, after } = change;
    if (before && before.uid !== after?.uid) this.#ownerWent(before);
  }

  /** Its pins may be all that kept an object: also of an image that its template names no longer, or never did. */
  #ownerWent({ namespace, uid }: PodRecord): void {
    if (!this.#isWorking) return;
    for (const object of this.#options.view.inspections.values()) {
      const { pins = [] } = object.namespace === namespace ? (object.status ?? {}) : {};
      if (pins.some(({ ownerUID }) => uidWithoutRevision({ uid: ownerUID }) === uid)) {
        this.#add(`${namespace}/${object.name}`, settleMs);
      }
    }
  }

  #userChanged({ before, after }: Change<PodRecord>): void {
    for (const key of this.#usages.apply({ before, after })) this.#enqueueUsers(key);
  }

  #objectChanged({ before, after }: Change<ImageInspection>): void {
    this.#counter.apply({ before, after });
    this.#handMade.apply({ before, after });
    if (this.#isWorking) this.#options.observer.images(this.#counter);
    const object = after ?? before;
    // What we write to the status concerns nobody here.
    if (!object || (before && after && isSameTask(before, after))) return;
    this.#add(`${object.namespace}/${object.name}`, 0);
  }

  /** The usage of an image has changed: its own object, and those that people made for it. */
  #enqueueUsers(key: string): void {
    this.#add(key, settleMs);
    for (const other of this.#handMade.about(key)) this.#add(other, settleMs);
  }

  #review(prefix: string): void {
    if (!this.#isWorking) return;
    const { inspections } = this.#options.view;
    for (const key of this.#usages.keys()) if (key.startsWith(prefix)) this.#lookAgain(key);
    for (const { namespace, name } of inspections.values()) {
      const key = `${namespace}/${name}`;
      if (key.startsWith(prefix)) this.#lookAgain(key);
    }
  }

  /** Of an image that nobody knows yet, somebody waits to hear. */
  #lookAgain(key: string): void {
    this.#add(key, 0, this.#options.view.inspections.get(key)?.status ? 'whenever' : 'soon');
  }

  #add(key: string, ms: number, urgency: Priority = 'soon'): void {
    // Before all is known, nothing is to be done; then everything is looked at.
    if (!this.#isWorking) return;
    this.#queue.addAfter(key, ms, urgency);
    this.#options.observer.queued(this.#queue.depth);
  }
}

/** Not for the images that a node holds, which change all the time and decide little. */
function isOther({ before, after }: Change<ClusterNode>): boolean {
  if (!before || !after) return true;
  const { images: _before, ...one } = before;
  const { images: _after, ...other } = after;
  return !isDeepStrictEqual(one, other);
}

function isSameTask(before: ImageInspection, after: ImageInspection): boolean {
  return (
    before.uid === after.uid &&
    before.generation === after.generation &&
    before.isManaged === after.isManaged &&
    before.isBeingDeleted === after.isBeingDeleted
  );
}
