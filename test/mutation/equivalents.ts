/** Mutations that change nothing a caller can see, each with its reason. Reviewed like code. */
import type { Mutation } from './mutations.ts';

export interface Equivalent extends Pick<Mutation, 'file' | 'original' | 'replacement'> {
  /** The line on which it stands, without white space around it. */
  readonly text: string;
  readonly reason: string;
}

export const equivalents: readonly Equivalent[] = [];

/** The reason why nobody can notice `mutation`; null if none is known. */
export function explain(mutation: Mutation, text: string): string | null {
  const known = equivalents.find(
    (each) =>
      each.file === mutation.file &&
      each.original === mutation.original &&
      each.replacement === mutation.replacement &&
      each.text === text.trim(),
  );
  return known?.reason ?? null;
}
