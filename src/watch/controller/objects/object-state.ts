/** Per-object controller state: next due time, last results, last write. */
import type { ImageInspection } from '../../api/parse-inspection.ts';
import type { SetResults } from '../inspect/inspect.ts';
import type { InspectionPlan } from '../inspect/plan.ts';
import type { Notified } from '../status/events/event-audience.ts';

type CoveredInputs = Pick<InspectionPlan, 'inputs' | 'owners'>;

const nothingCovered: CoveredInputs = { inputs: new Set(), owners: new Set() };

/** The cache shows a created object much sooner; after this time it was deleted again. */
export const cacheDelayMs = 30_000;

/** Times are from `Timers.elapsed`, except `inspectedAt`. */
export class ObjectState {
  readonly uid: string;
  /** null if this leader has not handled the object yet. */
  dueAt: number | null = null;
  /** null if this leader has not inspected the image. */
  results: SetResults | null = null;
  /** Time of the last inspection for the status, in milliseconds since the epoch. */
  inspectedAt = 0;
  /** Image in use whose reserved name this object has, as last reported; null for none. */
  shadowedImage: string | null = null;
  /** Workloads that got a Warning Event for a bad image; undefined if not determined yet. */
  notified: Notified | null | undefined;
  /** Workloads that got an Event for unpinned pods; undefined if not determined yet. */
  unpinnedNotified: ReadonlySet<string> | undefined;
  /** null if the image is used. */
  unusedSince: number | null = null;
  /** The object as this leader last wrote it. */
  written: ImageInspection | null = null;
  createdAt: number | null = null;
  #covered = nothingCovered;

  constructor(uid: string) {
    this.uid = uid;
  }

  recordCreation(object: ImageInspection, now: number): void {
    this.written = object;
    this.createdAt = now;
  }

  /** Returns the newer one of the cached object and the last write. */
  newerOf(stored: ImageInspection): ImageInspection {
    if (this.written && isOlderVersion(stored.resourceVersion, this.written.resourceVersion))
      return this.written;
    this.written = null;
    this.createdAt = null;
    return stored;
  }

  /** Takes over the results of the previous leader because the plan has not changed since. */
  adopt(plan: InspectionPlan, dueAt: number): void {
    this.#covered = { inputs: plan.inputs, owners: plan.owners };
    this.dueAt = dueAt;
  }

  recordResults(plan: InspectionPlan, answers: SetResults, now: number): void {
    this.#covered = { inputs: plan.inputs, owners: plan.owners };
    this.results = answers;
    this.inspectedAt = now;
    // Due at once until the status is written: a failed write leads to another inspection.
    this.dueAt = 0;
  }

  /** Keeps the previous results because the new ones must not be used. */
  defer(plan: InspectionPlan, dueAt: number): void {
    this.#covered = { inputs: plan.inputs, owners: plan.owners };
    this.dueAt = dueAt;
  }

  /** Forgets the results of an image without users; new users lead to another inspection. */
  reset(): void {
    this.#covered = nothingCovered;
    this.results = null;
    this.notified = null;
    this.dueAt = 0;
  }

  /** Returns whether the results still cover `plan`. Owners that were added later are covered if this leader has the results. */
  isCurrentFor({ inputs, owners }: InspectionPlan, now: number): boolean {
    if (this.dueAt === null || now >= this.dueAt || !isSubset(inputs, this.#covered.inputs)) return false;
    return this.results !== null || isSubset(owners, this.#covered.owners);
  }
}

/** States by object key, bounded by the number of objects. */
export class ObjectStates {
  readonly #states = new Map<string, ObjectState>();

  get(key: string, { uid }: ImageInspection): ObjectState {
    const known = this.#states.get(key);
    if (known?.uid === uid) return known;
    const state = new ObjectState(uid);
    this.#states.set(key, state);
    return state;
  }

  /** Returns an object created recently that the cache may not show yet. */
  justCreated(key: string, now: number): ImageInspection | null {
    const state = this.#states.get(key);
    if (!state || state.createdAt === null || now - state.createdAt >= cacheDelayMs) return null;
    return state.written;
  }

  forget(key: string): void {
    this.#states.delete(key);
  }
}

function isSubset(part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean {
  return part.size <= whole.size && [...part].every((each) => whole.has(each));
}

/** Compares resourceVersions, numbers of any length; anything else is not older. */
function isOlderVersion(version: string, than: string): boolean {
  if (!/^\d+$/.test(version) || !/^\d+$/.test(than)) return false;
  return version.length === than.length ? version < than : version.length < than.length;
}
