/** What a leader remembers of the objects that it looks after: what was asked, and what it wrote that the store does not show yet. */
import type { ImageInspection } from '../../api/read.ts';
import type { SetResults } from '../inspect/inspect.ts';
import type { InspectionPlan } from '../inspect/plan.ts';
import type { Notified } from '../status/events/event-audience.ts';

type Asked = Pick<InspectionPlan, 'parts' | 'owners'>;

const nothing: Asked = { parts: new Set(), owners: new Set() };

/** The store shows what was created much sooner, or it was removed again. */
export const unseenMs = 30_000;

/** Moments are those of `Timers.elapsed`, `askedAt` apart. */
export class ObjectState {
  readonly uid: string;
  /** null: it was not looked at yet. */
  dueAt: number | null = null;
  /** null: another leader asked, or nobody yet. */
  answers: SetResults | null = null;
  /** As the status has it. */
  askedAt = 0;
  /** The image in use whose name it has, as was told; null: none. */
  shadowedImage: string | null = null;
  /** The workloads that were told that it is bad; undefined: it was not looked at yet. */
  notified: Notified | null | undefined;
  /** null: it is used. */
  unusedSince: number | null = null;
  /** As it was last written here. */
  written: ImageInspection | null = null;
  createdAt: number | null = null;
  #asked = nothing;

  constructor(uid: string) {
    this.uid = uid;
  }

  create(object: ImageInspection, now: number): void {
    this.written = object;
    this.createdAt = now;
  }

  /** Whichever is newer: the object as the store has it, or as it was written here. */
  newer(stored: ImageInspection): ImageInspection {
    if (this.written && isOlder(stored.resourceVersion, this.written.resourceVersion)) return this.written;
    this.written = null;
    this.createdAt = null;
    return stored;
  }

  /** Another leader asked, and nothing has changed since, as far as the object tells. */
  adopt(question: InspectionPlan, dueAt: number): void {
    this.#asked = { parts: question.parts, owners: question.owners };
    this.dueAt = dueAt;
  }

  answered(question: InspectionPlan, answers: SetResults, now: number): void {
    this.#asked = { parts: question.parts, owners: question.owners };
    this.answers = answers;
    this.askedAt = now;
    // Until the status is written: who fails to write it asks again.
    this.dueAt = 0;
  }

  /** The answer was not to be used; what was known stays. */
  defer(question: InspectionPlan, dueAt: number): void {
    this.#asked = { parts: question.parts, owners: question.owners };
    this.dueAt = dueAt;
  }

  /** Nobody uses it; who uses it again asks anew. */
  reset(): void {
    this.#asked = nothing;
    this.answers = null;
    this.notified = null;
    this.dueAt = 0;
  }

  /** Need nobody be asked for this? Owners that came later can be told of where the answers are at hand. */
  covers({ parts, owners }: InspectionPlan, now: number): boolean {
    if (this.dueAt === null || now >= this.dueAt || !isWithin(parts, this.#asked.parts)) return false;
    return this.answers !== null || isWithin(owners, this.#asked.owners);
  }
}

/** Bounded by the objects that there are. */
export class ObjectStates {
  readonly #memories = new Map<string, ObjectState>();

  of(key: string, { uid }: ImageInspection): ObjectState {
    const known = this.#memories.get(key);
    if (known?.uid === uid) return known;
    const memory = new ObjectState(uid);
    this.#memories.set(key, memory);
    return memory;
  }

  /** Created here a moment ago, so that the store may not show it yet. */
  justCreated(key: string, now: number): ImageInspection | null {
    const memory = this.#memories.get(key);
    if (!memory || memory.createdAt === null || now - memory.createdAt >= unseenMs) return null;
    return memory.written;
  }

  forget(key: string): void {
    this.#memories.delete(key);
  }
}

function isWithin(part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean {
  return part.size <= whole.size && [...part].every((each) => whole.has(each));
}

/** Versions of one object are numbers of any length; what is none is not older than anything. */
function isOlder(version: string, than: string): boolean {
  if (!/^\d+$/.test(version) || !/^\d+$/.test(than)) return false;
  return version.length === than.length ? version < than : version.length < than.length;
}
