/** Observer of admission requests, for metrics and logs. */
import type { Decision, ImageVerdict, Result } from '../../judge/results.ts';

export type Webhook = 'mutate' | 'validate';

/** Operations of the API server; `UNKNOWN` if the body is not a review. */
export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT' | 'UNKNOWN';

/** Reason why a request needs no judgement. */
export type Exemption = 'Delete' | 'BeingDeleted' | 'StaticPod' | 'OptOut' | 'Unchanged';

/**
 * Record of one answered request. Its texts come from the request, cleaned and cut; none of them may become a
 * metric label.
 */
export interface Admission {
  readonly webhook: Webhook;
  readonly operation: AdmissionOperation;
  /** Decision; `error` if Pratique failed or the body was not a review. */
  readonly decision: Decision | 'error';
  readonly reason: Result | 'none';
  readonly exemption: Exemption | null;
  /** True if the deadline passed before all inspections were known. */
  readonly late: boolean;
  readonly dryRun: boolean;
  readonly uid: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Message of a denial or an error; otherwise ''. */
  readonly message: string;
  readonly images: readonly ImageVerdict[];
  readonly durationMs: number;
  /** Internal error, which clients never see; null if there was none. */
  readonly error: unknown;
}

export interface AdmissionObserver {
  answered(admission: Admission): void;
}
