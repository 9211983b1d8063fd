/** What the webhooks tell to whoever counts and logs; `observe` turns it into metrics and log lines. */
import type { Decision, ImageVerdict, Result } from '../../judge/results.ts';

export type Webhook = 'mutate' | 'validate';

/** As the API server has them; `UNKNOWN` for what is no review. */
export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT' | 'UNKNOWN';

/** Why a request needed no judgement. */
export type Exemption = 'Delete' | 'BeingDeleted' | 'StaticPod' | 'OptOut' | 'Unchanged';

/** One request answered. Texts are from the request: cleaned and cut, never for a metric label. */
export interface Admission {
  readonly webhook: Webhook;
  readonly operation: AdmissionOperation;
  /** `error`: Pratique failed, or the request was no review. */
  readonly decision: Decision | 'error';
  readonly reason: Result | 'none';
  readonly exemption: Exemption | null;
  /** The deadline cut the judgement short. */
  readonly late: boolean;
  readonly dryRun: boolean;
  readonly uid: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Of a denial or an error; else ''. */
  readonly message: string;
  readonly images: readonly ImageVerdict[];
  readonly durationMs: number;
  /** What went wrong inside; never shown to clients. */
  readonly error: unknown;
}

export interface AdmissionObserver {
  answered(admission: Admission): void;
}
