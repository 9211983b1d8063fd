/** One case of engine-api.json: what is asked, what the registries do, and what has to come of it. */
import type { Case } from '../runner.ts';

/** `as normal`, a connection that is reset, or an answer. */
export type Behaviour =
  | 'as normal'
  | { readonly reset: true }
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string | number>>;
      readonly body?: string;
    };

export interface EngineRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Want {
  readonly status?: number | readonly number[];
  readonly message?: string;
  readonly messageHas?: string | readonly string[];
  readonly body?: unknown;
  readonly bodyHas?: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly absent?: readonly string[];
  readonly requests?: string;
  readonly credentials?: string;
  readonly scope?: string;
  readonly within?: string;
  readonly note?: string;
}

export interface EngineCase extends Case {
  readonly kind: string;
  readonly given: string;
  /** Keyed by method, and by `ping` for `/v2/`. */
  readonly behaviour?: Readonly<Record<string, Behaviour>>;
  readonly request?: EngineRequest;
  readonly want: Want;
}
