/**
 * Reconciler of one ImageInspection: creates it while the image is used, inspects the image when it is due or its users
 * changed, and writes the status only if that adds information.
 */
import type { ImageInspection } from '../api/parse-inspection.ts';
import type { Status } from '../api/schema.ts';
import { KubernetesError } from '../kubernetes/api.ts';
import type { StoreView } from '../kubernetes/informer/store.ts';
import {
  nameConflict,
  objectReference,
  isObjectOfImage,
  usageOf,
  shadowedUsage,
  type Usages,
} from './objects/object-ownership.ts';
import { inspectSets } from './inspect/inspect.ts';
import type { ControllerContext } from './inspect/context.ts';
import type { ControllerObserver, ObjectAndImage } from './observer.ts';
import { type InspectionPlan, planInspection, inspectedUsers } from './inspect/plan.ts';
import { ObjectStates, type ObjectState, cacheDelayMs } from './objects/object-state.ts';
import { runsOnPlatforms } from './inspect/eligible-nodes.ts';
import { intervalOf, nextInspectionMs, nextInspectionAfterTakeoverMs } from './schedule.ts';
import { type WorkloadEvent, buildEvents, objectEvents } from './status/events/events.ts';
import { unpinnedEvents } from './status/events/unpinned-events.ts';
import { withReconciling } from './status/conditions/ready.ts';
import { unpinnedUsers } from './status/unpinned.ts';
import { conditionOf } from '../api/conditions.ts';
import type { PodRecord, UsedImage } from '../cluster/records/pod-record.ts';
import { isSignificantChange } from './status/significant.ts';
import { sanitize } from './status/text/sanitize.ts';
import { type EventAudience, notifiedBy } from './status/events/event-audience.ts';
import { composeStatus, wasInspectedFor, unusedStatus } from './objects/compose-status.ts';
import type { Timers } from '../../util/async/timers.ts';
import type { Usage } from './usage/usage.ts';
import type { InspectionWriter } from './objects/writer.ts';

export interface ReconcilerOptions {
  readonly writer: Pick<InspectionWriter, 'create' | 'writeStatus' | 'remove'>;
  readonly objects: Pick<StoreView<ImageInspection>, 'get'>;
  readonly usages: Usages;
  readonly context: () => ControllerContext;
  /** Returns whether an object with this UID that creates pods exists. */
  readonly ownerExists: (uid: string) => boolean;
  /** Returns whether a pod has an image by its tag although the policy pins it. */
  readonly isUnpinned: (pod: PodRecord, use: UsedImage) => boolean;
  readonly emit: (event: WorkloadEvent) => void;
  readonly observer: ControllerObserver;
  readonly timers: Pick<Timers, 'now' | 'elapsed'>;
  readonly random: () => number;
}

/** Delay before an unused object is deleted: a rollout may stop using an image for a moment. */
const deletionDelayMs = 60_000;
/** Delay before a deferred inspection is repeated; a registry's rate limit recovers within hours. */
const deferralMs = 600_000;

export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #states = new ObjectStates();

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** Returns milliseconds until the object is due again, or null if it waits for a change. */
  async reconcile(key: string, signal: AbortSignal): Promise<number | null> {
    const { usages } = this.#options;
    const stored = this.#options.objects.get(key);
    const context = this.#options.context();
    const usage = stored ? usageOf(stored, usages) : usages.get(key);
    const isUsed = inspectedUsers(usage, context).length > 0;
    const object = stored ?? (isUsed && usage ? await this.#ensureObject(key, usage, signal) : null);
    if (!object) {
      this.#states.forget(key);
      return null;
    }
    if (object.isBeingDeleted) return null;
    const state = this.#states.get(key, object);
    const latest = stored ? state.newerOf(stored) : object;
    try {
      if (latest.isManaged && !isUsed) return await this.#garbageCollect(latest, state, signal);
      state.unusedSince = null;
      this.#reportNameConflict(latest, state, context);
      const delayMs = await this.#ensureInspected(
        key,
        latest,
        planInspection(latest, usage, context),
        state,
        signal,
      );
      // The object may be deleted before the cache ever shows it here.
      return stored ? delayMs : Math.min(delayMs, cacheDelayMs);
    } catch (error) {
      // Another client has written: the object of our last write is outdated.
      if (error instanceof KubernetesError && error.code === 'Conflict') state.written = null;
      throw error;
    }
  }

  /** Reports a user-created object that has the name reserved for an image in use. The object stays, and the image has none. */
  #reportNameConflict(object: ImageInspection, state: ObjectState, context: ControllerContext): void {
    const { usages, emit, observer } = this.#options;
    const usage = shadowedUsage(object, usages);
    const shadowedImage = usage && inspectedUsers(usage, context).length > 0 ? sanitize(usage.image) : null;
    if (shadowedImage === state.shadowedImage) return;
    state.shadowedImage = shadowedImage;
    if (shadowedImage === null) return;
    observer.nameConflict(objectAndImage(object), shadowedImage);
    emit(nameConflict(object, shadowedImage));
  }

  /** Returns null if the namespace is being deleted. */
  async #ensureObject(key: string, usage: Usage, signal: AbortSignal): Promise<ImageInspection | null> {
    const before = this.#states.justCreated(key, this.#options.timers.elapsed());
    if (before) return before;
    const name = key.slice(key.indexOf('/') + 1);
    const object = await this.#options.writer
      .create(usage.namespace, name, usage.image, signal)
      .catch((error: unknown) => {
        if (error instanceof KubernetesError && error.code === 'NamespaceTerminating') return null;
        throw error;
      });
    if (!object) return null;
    this.#states.get(key, object).recordCreation(object, this.#options.timers.elapsed());
    this.#options.observer.created(objectAndImage(object));
    return object;
  }

  /** Deletes an unused object, unless a rollback may need its pins. */
  async #garbageCollect(
    object: ImageInspection,
    state: ObjectState,
    signal: AbortSignal,
  ): Promise<number | null> {
    const { timers, usages, writer, ownerExists, observer } = this.#options;
    state.unusedSince ??= timers.elapsed();
    const remainingMs = state.unusedSince + deletionDelayMs - timers.elapsed();
    if (remainingMs > 0) return remainingMs;
    state.reset();
    const isKept = object.status?.pins.some(({ ownerUID }) => ownerExists(ownerUID)) ?? false;
    if (object.status && isKept && isObjectOfImage(object, usages)) {
      const status = unusedStatus(object.status);
      if (status) state.written = await writer.writeStatus(object, status, signal);
      return null;
    }
    await writer.remove(object, signal);
    observer.removed(objectAndImage(object));
    return null;
  }

  async #ensureInspected(
    key: string,
    object: ImageInspection,
    plan: InspectionPlan,
    state: ObjectState,
    signal: AbortSignal,
  ): Promise<number> {
    const { timers, context } = this.#options;
    const [now, elapsed] = [timers.now(), timers.elapsed()];
    if (state.notified === undefined) state.notified = notifiedBy(object.status, this.#eventAudience(plan));
    const intervalMs = intervalOf(object.spec, context().settings.intervalMs);
    if (state.dueAt === null && object.status && wasInspectedFor(object, object.status, plan)) {
      state.adopt(plan, elapsed + nextInspectionAfterTakeoverMs(key, object.status, intervalMs, now));
    } else if (!state.isCurrentFor(plan, elapsed)) {
      await this.#inspect(object, plan, state, intervalMs, signal);
    } else if (state.results) {
      await this.#writeStatus(object, plan, state, signal);
    } else if (object.status) {
      this.#emitEvents(object, object.status, plan, state);
    }
    return Math.max(0, (state.dueAt ?? 0) - timers.elapsed());
  }

  async #inspect(
    object: ImageInspection,
    plan: InspectionPlan,
    state: ObjectState,
    intervalMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { timers, context, random, observer } = this.#options;
    const current = await this.#markReconciling(object, state, signal);
    const answers = await inspectSets(plan, context(), signal);
    const now = timers.now();
    if (answers.deferReason !== null) {
      observer.deferred(objectAndImage(object), answers.deferReason);
      state.defer(plan, timers.elapsed() + Math.min(intervalMs, deferralMs) * (0.75 + random() / 2));
      return;
    }
    state.recordResults(plan, answers, now);
    const status = await this.#writeStatus(current, plan, state, signal);
    state.dueAt = timers.elapsed() + nextInspectionMs(status, intervalMs, now, random);
  }

  /** Shows that a changed spec is being inspected. Returns the object to write the result to. */
  async #markReconciling(
    object: ImageInspection,
    state: ObjectState,
    signal: AbortSignal,
  ): Promise<ImageInspection> {
    const { status, generation } = object;
    if (!status || status.observedGeneration === generation) return object;
    if (conditionOf(status, 'Reconciling')?.observedGeneration === generation) return object;
    const { writer, timers } = this.#options;
    state.written = await writer.writeStatus(object, withReconciling(status, object, timers.now()), signal);
    return state.written;
  }

  /** Writes the status if it has changed significantly, and emits Events. */
  async #writeStatus(
    object: ImageInspection,
    plan: InspectionPlan,
    state: ObjectState,
    signal: AbortSignal,
  ): Promise<Status> {
    const { timers, ownerExists, isUnpinned, writer, observer } = this.#options;
    const before = object.status;
    const status = composeStatus(object, plan, state, { ownerExists, isUnpinned }, timers.now());
    // The hour counts from inspection to inspection: a status from an earlier one is not new.
    if (isSignificantChange(before, status, state.inspectedAt)) {
      state.written = await writer.writeStatus(object, status, signal);
      if (before?.result !== status.result) observer.resultChanged(objectAndImage(object), before, status);
    }
    this.#emitEvents(object, status, plan, state);
    return status;
  }

  /** Emits Events to the object and its workloads, later ones included. `object` has the previous status. */
  #emitEvents(object: ImageInspection, status: Status, plan: InspectionPlan, state: ObjectState): void {
    const { usages, emit, isUnpinned } = this.#options;
    const { mode } = plan.policy;
    if (mode === 'audit' || mode === 'off' || !isObjectOfImage(object, usages)) return;
    const { events, notified } = buildEvents(
      object.status,
      status,
      state.notified ?? null,
      this.#eventAudience(plan),
    );
    state.notified = notified;
    const unpinned = unpinnedUsers({ object, reference: plan.reference, users: plan.users, isUnpinned });
    const pinEvents = unpinnedEvents(
      status,
      unpinned,
      state.unpinnedNotified ?? object.status?.unpinned !== undefined,
    );
    state.unpinnedNotified = pinEvents.notified;
    const own = objectEvents(object.status, status, objectReference(object));
    for (const each of [...own, ...events, ...pinEvents.events]) emit(each);
  }

  #eventAudience({ users }: InspectionPlan): EventAudience {
    return { users, runsOn: (platforms) => runsOnPlatforms(platforms, this.#options.context()) };
  }
}

function objectAndImage({ namespace, name, spec: { image } }: ImageInspection): ObjectAndImage {
  return { namespace, name, image };
}
