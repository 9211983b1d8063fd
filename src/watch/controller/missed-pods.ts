/**
 * Counter of pods that were stored although the webhook should have judged them and did not. Each pod is
 * counted once by its UID, even across leaders: the Lease's annotations record up to which time pods have
 * been checked.
 */
import { entry } from '../../util/unstructured.ts';
import type { PodRecord } from '../cluster/records/pod-record.ts';

export interface MissedPodsOptions {
  /** Time at which Pratique was installed in this cluster, in milliseconds since the epoch. */
  readonly installedAt: number;
  /** Annotations of the Lease as this leader found them. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly now: () => number;
  /**
   * Returns true if the webhook was registered in a namespace for a pod created at this time; null if that is
   * not known yet.
   */
  readonly isWebhookRegistered: (namespace: string, createdAt: number) => boolean | null;
  /** Returns true if the mutating webhook would have written its verdict into this pod. */
  readonly isJudged: (pod: PodRecord) => boolean;
  readonly onMissed: (pod: PodRecord) => void;
}

const checkedUntilAnnotation = 'pratique.dev/pods-seen-until';
const countedAnnotation = 'pratique.dev/pods-missed-since';

// Age after which the leader has certainly seen every pod: clocks differ and lists take time.
const settleMs = 600_000;
/** Limit of UIDs in the annotation, which take 37 bytes each. */
const maxPersisted = 500;
const maxKept = 50_000;

/**
 * Counter of missed pods. A leader that dies between a count and its next renewal loses that count; the next
 * leader counts the pod again.
 */
export class MissedPods {
  readonly #options: MissedPodsOptions;
  /** Maps the UID to the creation time of pods that were counted and created after `#checkedUntil`. */
  readonly #counted: Map<string, number>;
  /** Maps the UID to the creation time of pods for which the webhook was not registered. */
  readonly #outOfScope = new Map<string, number>();
  /** Pods by UID for which it is unknown whether the webhook was registered. */
  readonly #undecided = new Map<string, PodRecord>();
  /** Time until which all created pods have been checked. */
  #checkedUntil: number;

  constructor(options: MissedPodsOptions) {
    const until = Date.parse(entry(options.annotations, checkedUntilAnnotation) ?? '');
    const counted = (entry(options.annotations, countedAnnotation) ?? '').split(' ').slice(0, maxPersisted);
    this.#options = options;
    this.#checkedUntil = Number.isNaN(until) ? options.installedAt : this.#clamp(until);
    // The creation times of these pods are unknown, so they are treated as new.
    this.#counted = new Map(counted.filter((uid) => uid !== '').map((uid) => [uid, options.now()]));
  }

  /** Checks an existing, new or changed pod. */
  consider(pod: PodRecord): void {
    const { uid, createdAt } = pod;
    if (pod.hasVerdict || pod.isStaticPod || createdAt <= this.#checkedUntil) return;
    if (this.#counted.has(uid) || this.#outOfScope.has(uid) || !this.#options.isJudged(pod)) return;
    const isAsked = this.#options.isWebhookRegistered(pod.namespace, createdAt);
    if (isAsked === null) {
      if (this.#undecided.size < maxKept) this.#undecided.set(uid, pod);
    } else if (isAsked) {
      this.#counted.set(uid, createdAt);
      this.#options.onMissed(pod);
    } else {
      // A webhook that is registered later has not missed this pod.
      this.#outOfScope.set(uid, createdAt);
    }
  }

  /** Returns the annotations for the next renewal of the Lease. Must be called only after all existing pods were checked. */
  annotations(): Readonly<Record<string, string>> {
    this.#considerAgain();
    this.#discardOld();
    const newestFirst = [...this.#counted].sort(([, a], [, b]) => b - a);
    const [, until] = newestFirst[maxPersisted] ?? ['', this.#checkedUntil];
    return {
      [checkedUntilAnnotation]: new Date(Math.max(until, this.#checkedUntil)).toISOString(),
      [countedAnnotation]: newestFirst
        .slice(0, maxPersisted)
        .map(([uid]) => uid)
        .join(' '),
    };
  }

  #considerAgain(): void {
    const open = [...this.#undecided.values()];
    this.#undecided.clear();
    for (const pod of open) this.consider(pod);
  }

  /** Limits the time to the present, because a clock that ran ahead must not hide pods created until then. */
  #clamp(until: number): number {
    const { installedAt, now } = this.#options;
    return Math.max(Math.min(until, now()), installedAt);
  }

  #discardOld(): void {
    const settled = this.#options.now() - settleMs;
    if (this.#undecided.size === 0) this.#checkedUntil = Math.max(this.#clamp(this.#checkedUntil), settled);
    for (const decided of [this.#counted, this.#outOfScope]) {
      for (const [uid, createdAt] of decided) {
        if (createdAt <= this.#checkedUntil || decided.size > maxKept) decided.delete(uid);
      }
    }
  }
}
