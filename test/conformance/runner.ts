/** What a vector file's runner is: a check per kind of case. Expected values stand in the vectors only. */
import { isDeepStrictEqual } from 'node:util';

export interface Case {
  readonly id: string;
  readonly kind?: string;
  readonly fn?: string;
  readonly dialect?: string;
  readonly want?: unknown;
  readonly error?: string;
  // Each kind has members of its own, described in vectors/README.md.
  readonly [member: string]: unknown;
}

export type Outcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly want: unknown; readonly got: unknown };
export type Check = (vector: never) => Outcome | Promise<Outcome>;
/** Kind → check. */
export type Runner = Readonly<Record<string, Check>>;

/** A runner with what it keeps open for its cases. */
export interface OpenRunner extends AsyncDisposable {
  readonly runner: Runner;
}

/** Compares deeply; object members are unordered and absent is not the same as null. */
export function equal(want: unknown, got: unknown): Outcome {
  return isDeepStrictEqual(want, got) ? { ok: true } : { ok: false, want, got };
}

/** For cases with `error` instead of `want`: `compute` must throw; otherwise its result must equal `want`. */
export function equalOrThrow(vector: { want?: unknown; error?: string }, compute: () => unknown): Outcome {
  let got: unknown;
  try {
    got = compute();
  } catch (error) {
    if (vector.error !== undefined) return { ok: true };
    return { ok: false, want: vector.want, got: `threw ${String(error)}` };
  }
  if (vector.error !== undefined) return { ok: false, want: `error ${vector.error}`, got };
  return equal(vector.want, got);
}
