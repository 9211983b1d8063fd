/** Options and callbacks of leader election. */
import type { KubernetesApi } from '../api.ts';
import type { ReflectorObserver } from '../informer/reflector.ts';

export interface LeaderElectionTimes {
  /** Time for which other replicas wait after the last renewal that they saw. */
  readonly leaseDurationMs: number;
  /** Time without a renewal after which a leader stops; shorter than `leaseDurationMs`. */
  readonly renewDeadlineMs: number;
  /** Interval of renewals; each one is an API request. */
  readonly renewPeriodMs: number;
  /** Delay before another attempt after a failure. */
  readonly retryPeriodMs: number;
}

export const defaultLeaderElectionTimes: LeaderElectionTimes = {
  leaseDurationMs: 15_000,
  renewDeadlineMs: 10_000,
  renewPeriodMs: 5_000,
  retryPeriodMs: 2_000,
};

export interface LeaderElectionObserver {
  leadingChanged(isLeader: boolean): void;
  /** Called when the Lease names another holder; '' if it was released. */
  leaderChanged(holder: string): void;
  /** Called when a Lease request failed, or `lead` threw. The election continues. */
  failed(error: unknown): void;
}

/** Lease details passed to the new leader. */
export interface LeaseDetails {
  /** Creation time of the Lease, in milliseconds since the epoch. */
  readonly createdAt: number;
  /** Annotations as previous leaders wrote them. */
  readonly annotations: Readonly<Record<string, string>>;
}

export interface LeaderElectionOptions {
  readonly api: KubernetesApi;
  readonly namespace: string;
  readonly name: string;
  /** Unique name of this replica: two replicas with the same identity would both lead. */
  readonly identity: string;
  readonly times?: LeaderElectionTimes;
  /** Annotations written with each renewal and with the release. */
  readonly annotations?: () => Readonly<Record<string, string>>;
  /**
   * Returns true if the replica with this identity certainly does not exist any more; its Lease is then taken
   * at once.
   */
  readonly isHolderGone?: (identity: string) => boolean;
  readonly observer?: LeaderElectionObserver;
  /** Observer of the watch of the Lease. */
  readonly watchObserver?: ReflectorObserver;
}

/**
 * Leads until `signal` aborts. It aborts before another replica can acquire the Lease, when this replica
 * stops, or once the promise has settled.
 */
export type OnStartedLeading = (signal: AbortSignal, lease: LeaseDetails) => Promise<void>;
