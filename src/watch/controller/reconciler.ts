/**
 * Brings one ImageInspection to what it is to be: there while something uses the image, asked again when its time has come
 * or something about it has changed, and written only where that tells something new.
 */
import type { ImageInspection } from '../api/read.ts';
import type { Status } from '../api/schema.ts';
import { KubernetesError } from '../kubernetes/api.ts';
import type { StoreView } from '../kubernetes/informer/store.ts';
import {
  nameConflict,
  standsForImage,
  usageAbout,
  usageHiddenBy,
  type Usages,
} from './objects/object-ownership.ts';
import { inspectSets } from './inspect/inspect.ts';
import type { ControllerContext } from './inspect/context.ts';
import type { ControllerObserver, Named } from './observer.ts';
import { type InspectionPlan, planInspection, usersOf } from './inspect/plan.ts';
import { ObjectStates, type ObjectState, unseenMs } from './objects/object-state.ts';
import { landsOn } from './inspect/eligible-nodes.ts';
import { intervalOf, nextAfter, nextAfterTakeOver } from './schedule.ts';
import { type WorkloadEvent, eventsFor } from './status/events/events.ts';
import { isSignificantChange } from './status/significant.ts';
import { shown } from './status/text/sanitize.ts';
import { type Audience, notifiedBy } from './status/events/event-audience.ts';
import { composed, hasFollowed, resting } from './objects/compose-status.ts';
import type { Timers } from '../../util/async/timers.ts';
import type { Usage } from './usage/usage.ts';
import type { Writer } from './objects/writer.ts';

export interface ReconcilerOptions {
  readonly writer: Pick<Writer, 'create' | 'writeStatus' | 'remove'>;
  readonly objects: Pick<StoreView<ImageInspection>, 'get'>;
  readonly usages: Usages;
  readonly inspecting: () => ControllerContext;
  /** Does an object of this UID exist that makes pods? */
  readonly ownerLives: (uid: string) => boolean;
  readonly event: (event: WorkloadEvent) => void;
  readonly observer: ControllerObserver;
  readonly timers: Pick<Timers, 'now' | 'elapsed'>;
  readonly random: () => number;
}

/** A roll-out may leave an image for a moment. */
const graceMs = 60_000;
/** What our own restraint left open is asked again after this; a registry's quota comes back in hours. */
const doubtMs = 600_000;

export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #memories = new ObjectStates();

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** Gives milliseconds until it is due again, null: when something happens. */
  async reconcile(key: string, signal: AbortSignal): Promise<number | null> {
    const { usages } = this.#options;
    const stored = this.#options.objects.get(key);
    const inspecting = this.#options.inspecting();
    const usage = stored ? usageAbout(stored, usages) : usages.get(key);
    const isUsed = usersOf(usage, inspecting).length > 0;
    const object = stored ?? (isUsed && usage ? await this.#ensureObject(key, usage, signal) : null);
    if (!object) {
      this.#memories.forget(key);
      return null;
    }
    if (object.isBeingDeleted) return null;
    const memory = this.#memories.of(key, object);
    const latest = stored ? memory.newer(stored) : object;
    try {
      if (latest.isManaged && !isUsed) return await this.#garbageCollect(latest, memory, signal);
      memory.unusedSince = null;
      this.#reportNameConflict(latest, memory, inspecting);
      const wait = await this.#ensureInspected(
        key,
        latest,
        planInspection(latest, usage, inspecting),
        memory,
        signal,
      );
      // It may be removed again before the store ever showed it here.
      return stored ? wait : Math.min(wait, unseenMs);
    } catch (error) {
      // Somebody else has written: what was written here counts no longer.
      if (error instanceof KubernetesError && error.code === 'Conflict') memory.written = null;
      throw error;
    }
  }

  /** A person's object has the name that an image in use is to have: it stays, and that image has no object. */
  #reportNameConflict(object: ImageInspection, memory: ObjectState, inspecting: ControllerContext): void {
    const { usages, event, observer } = this.#options;
    const usage = usageHiddenBy(object, usages);
    const hidden = usage && usersOf(usage, inspecting).length > 0 ? shown(usage.image) : null;
    if (hidden === memory.shadowedImage) return;
    memory.shadowedImage = hidden;
    if (hidden === null) return;
    observer.nameConflict(namedIn(object), hidden);
    event(nameConflict(object, hidden));
  }

  /** null: its namespace is on its way out, and takes the users along. */
  async #ensureObject(key: string, usage: Usage, signal: AbortSignal): Promise<ImageInspection | null> {
    const before = this.#memories.justCreated(key, this.#options.timers.elapsed());
    if (before) return before;
    const name = key.slice(key.indexOf('/') + 1);
    const object = await this.#options.writer
      .create(usage.namespace, name, usage.image, signal)
      .catch((error: unknown) => {
        if (error instanceof KubernetesError && error.code === 'NamespaceTerminating') return null;
        throw error;
      });
    if (!object) return null;
    this.#memories.of(key, object).create(object, this.#options.timers.elapsed());
    this.#options.observer.created(namedIn(object));
    return object;
  }

  /** Nobody uses it: it goes, unless a roll-back may ask for its pins. */
  async #garbageCollect(
    object: ImageInspection,
    memory: ObjectState,
    signal: AbortSignal,
  ): Promise<number | null> {
    const { timers, usages, writer, ownerLives, observer } = this.#options;
    memory.unusedSince ??= timers.elapsed();
    const left = memory.unusedSince + graceMs - timers.elapsed();
    if (left > 0) return left;
    memory.reset();
    const isKept = object.status?.pins.some(({ ownerUID }) => ownerLives(ownerUID)) ?? false;
    if (object.status && isKept && standsForImage(object, usages)) {
      const status = resting(object.status);
      if (status) memory.written = await writer.writeStatus(object, status, signal);
      return null;
    }
    await writer.remove(object, signal);
    observer.removed(namedIn(object));
    return null;
  }

  async #ensureInspected(
    key: string,
    object: ImageInspection,
    question: InspectionPlan,
    memory: ObjectState,
    signal: AbortSignal,
  ): Promise<number> {
    const { timers, inspecting } = this.#options;
    const [now, elapsed] = [timers.now(), timers.elapsed()];
    if (memory.notified === undefined) memory.notified = notifiedBy(object.status, this.#audience(question));
    const intervalMs = intervalOf(object.spec, inspecting().settings.intervalMs);
    if (memory.dueAt === null && object.status && hasFollowed(object, object.status, question)) {
      memory.adopt(question, elapsed + nextAfterTakeOver(key, object.status, intervalMs, now));
    } else if (!memory.covers(question, elapsed)) {
      await this.#inspect(object, question, memory, intervalMs, signal);
    } else if (memory.answers) {
      await this.#writeStatus(object, question, memory, signal);
    } else if (object.status) {
      this.#emitEvents(object, object.status, question, memory);
    }
    return Math.max(0, (memory.dueAt ?? 0) - timers.elapsed());
  }

  async #inspect(
    object: ImageInspection,
    question: InspectionPlan,
    memory: ObjectState,
    intervalMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { timers, inspecting, random, observer } = this.#options;
    const answers = await inspectSets(question, inspecting(), signal);
    const now = timers.now();
    if (answers.doubt !== null) {
      observer.deferred(namedIn(object), answers.doubt);
      memory.defer(question, timers.elapsed() + Math.min(intervalMs, doubtMs) * (0.75 + random() / 2));
      return;
    }
    memory.answered(question, answers, now);
    const status = await this.#writeStatus(object, question, memory, signal);
    memory.dueAt = timers.elapsed() + nextAfter(status, intervalMs, now, random);
  }

  /** Writes the status, if it is worth it, and tells the workloads. */
  async #writeStatus(
    object: ImageInspection,
    question: InspectionPlan,
    memory: ObjectState,
    signal: AbortSignal,
  ): Promise<Status> {
    const { timers, ownerLives, writer, observer } = this.#options;
    const before = object.status;
    const status = composed(object, question, memory, ownerLives, timers.now());
    // The hour counts from inspection to inspection: what was asked before is no news for its age.
    if (isSignificantChange(before, status, memory.askedAt)) {
      memory.written = await writer.writeStatus(object, status, signal);
      if (before?.result !== status.result) observer.resultChanged(namedIn(object), before, status);
    }
    this.#emitEvents(object, status, question, memory);
    return status;
  }

  /** To the workloads, those that came later too. `object`: as it was before. */
  #emitEvents(object: ImageInspection, status: Status, question: InspectionPlan, memory: ObjectState): void {
    const { usages, event } = this.#options;
    const { mode } = question.policy;
    if (mode === 'audit' || mode === 'off' || !standsForImage(object, usages)) return;
    const { events, warned } = eventsFor(
      object.status,
      status,
      memory.notified ?? null,
      this.#audience(question),
    );
    memory.notified = warned;
    for (const each of events) event(each);
  }

  #audience({ users }: InspectionPlan): Audience {
    return { users, landsOn: (platforms) => landsOn(platforms, this.#options.inspecting()) };
  }
}

function namedIn({ namespace, name, spec: { image } }: ImageInspection): Named {
  return { namespace, name, image };
}
