/** The different credentials that the users of an image bring along. Reading the secrets is not done here. */
import type { CredentialSet, Usage } from './usage.ts';

/** Of one image in one namespace: each costs an inspection of its own. */
export const maxCredentialSets = 16;

export interface DistinctSets {
  /** Those of most users first; at most `maxCredentialSets`. */
  readonly sets: readonly CredentialSet[];
  /** How many more there are. */
  readonly more: number;
}

export function credentialSetsOf({ users }: Pick<Usage, 'users'>): DistinctSets {
  const counted = new Map<string, { readonly set: CredentialSet; count: number }>();
  for (const { serviceAccount, pullSecrets } of users) {
    const set: CredentialSet = { serviceAccount, pullSecrets };
    const known = counted.get(credentialSetKey(set));
    if (known) known.count++;
    else counted.set(credentialSetKey(set), { set, count: 1 });
  }
  const sets = [...counted.entries()].sort(([a, one], [b, other]) => {
    return other.count - one.count || (a < b ? -1 : 1);
  });
  return {
    sets: sets.slice(0, maxCredentialSets).map(([, { set }]) => set),
    more: Math.max(0, sets.length - maxCredentialSets),
  };
}

/** Equal for sets that give the same credentials. */
export function credentialSetKey({ serviceAccount, pullSecrets }: CredentialSet): string {
  return JSON.stringify([serviceAccount, ...pullSecrets]);
}
