/**
 * Pods that were stored without us (R20): counted once per UID, also by leaders to come, which read in the Lease's
 * annotations up to when pods have been looked at. Inspecting their images is the reconciler's, as for all others.
 */
import { entry } from '../../util/unstructured.ts';
import type { PodRecord } from '../cluster/records/pod-record.ts';

export interface MissedPodsOptions {
  /** When Pratique was installed here (the Lease's `creationTimestamp`), milliseconds since the epoch. */
  readonly since: number;
  /** The Lease's annotations as this leader found them. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly now: () => number;
  /** Is the API server to ask us about new pods of a namespace? null: it is not known yet. */
  readonly isAsked: (namespace: string) => boolean | null;
  /** Would the mutating webhook have left its verdict in this pod? */
  readonly isJudged: (pod: PodRecord) => boolean;
  readonly missed: (pod: PodRecord) => void;
}

const untilKey = 'pratique.dev/pods-seen-until';
const countedKey = 'pratique.dev/pods-missed-since';

// Clocks differ and a list takes its time: what is older than this has been seen by whoever leads.
const settledMs = 600_000;
/** In the annotation, 37 bytes each. */
const maxPersisted = 500;
const maxKept = 50_000;

/**
 * A leader that dies between counting and its next renewal leaves the counting to the next one; its own count dies with
 * it.
 */
export class MissedPods {
  readonly #options: MissedPodsOptions;
  /** UID → creation, of those counted and created after `#until`. */
  readonly #counted: Map<string, number>;
  /** UID → creation, of those created since then that nobody was to ask us about. */
  readonly #unasked = new Map<string, number>();
  /** By UID: whether we were to be asked about them is not known yet. */
  readonly #open = new Map<string, PodRecord>();
  /** Everything created until then has been looked at. */
  #until: number;

  constructor(options: MissedPodsOptions) {
    const until = Date.parse(entry(options.annotations, untilKey) ?? '');
    const counted = (entry(options.annotations, countedKey) ?? '').split(' ').slice(0, maxPersisted);
    this.#options = options;
    this.#until = Number.isNaN(until) ? options.since : this.#within(until);
    // Their time is not known: as if they were new.
    this.#counted = new Map(counted.filter((uid) => uid !== '').map((uid) => [uid, options.now()]));
  }

  /** A pod that is there: new, changed, or met when leading began. */
  consider(pod: PodRecord): void {
    const { uid, createdAt } = pod;
    if (pod.hasVerdict || pod.isStaticPod || createdAt <= this.#until) return;
    if (this.#counted.has(uid) || this.#unasked.has(uid) || !this.#options.isJudged(pod)) return;
    const isAsked = this.#options.isAsked(pod.namespace);
    if (isAsked === null) {
      if (this.#open.size < maxKept) this.#open.set(uid, pod);
    } else if (isAsked) {
      this.#counted.set(uid, createdAt);
      this.#options.missed(pod);
    } else {
      // Of a webhook that is registered tomorrow, it was not missed today.
      this.#unasked.set(uid, createdAt);
    }
  }

  /** To be written with the next renewal of the Lease. Call it only when all pods that there are have been considered. */
  annotations(): Readonly<Record<string, string>> {
    this.#reconsider();
    this.#settle();
    const newestFirst = [...this.#counted].sort(([, a], [, b]) => b - a);
    const [, until] = newestFirst[maxPersisted] ?? ['', this.#until];
    return {
      [untilKey]: new Date(Math.max(until, this.#until)).toISOString(),
      [countedKey]: newestFirst
        .slice(0, maxPersisted)
        .map(([uid]) => uid)
        .join(' '),
    };
  }

  #reconsider(): void {
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const pod of open) this.consider(pod);
  }

  /** A clock that ran ahead must not hide what comes until then. */
  #within(until: number): number {
    const { since, now } = this.#options;
    return Math.max(Math.min(until, now()), since);
  }

  #settle(): void {
    const settled = this.#options.now() - settledMs;
    if (this.#open.size === 0) this.#until = Math.max(this.#within(this.#until), settled);
    for (const decided of [this.#counted, this.#unasked]) {
      for (const [uid, createdAt] of decided) {
        if (createdAt <= this.#until || decided.size > maxKept) decided.delete(uid);
      }
    }
  }
}
