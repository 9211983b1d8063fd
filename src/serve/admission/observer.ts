/** Observer of admission requests, for metrics and logs. */
import type { Decision, ImageVerdict, Result } from '../../judge/results.ts';

export type Webhook = 'mutate' | 'validate';

/** The API server's operations; `UNKNOWN` if the body is not a review. */
export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT' | 'UNKNOWN';

/** Why a request needs no judgement. */
export type Exemption = 'Delete' | 'BeingDeleted' | 'StaticPod' | 'OptOut' | 'Unchanged';

/** Record of one answered request. Its texts come from the request, cleaned and cut; none is fit for a metric label. */
export interface Admission {
  readonly webhook: Webhook;
  readonly operation: AdmissionOperation;
  /** `error` if Pratique failed, or the body was not a review. */
  readonly decision: Decision | 'error';
  readonly reason: Result | 'none';
  readonly exemption: Exemption | null;
  /** The deadline passed before all inspections were known. */
  readonly late: boolean;
  readonly dryRun: boolean;
  readonly uid: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Message of a denial or an error; else ''. */
  readonly message: string;
  readonly images: readonly ImageVerdict[];
  readonly durationMs: number;
  /** The internal error, never shown to clients; else null. */
  readonly error: unknown;
}

export interface AdmissionObserver {
  answered(admission: Admission): void;
}
