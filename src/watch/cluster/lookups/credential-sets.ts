/**
 * Credential sets of the users of an image, which are the distinct combinations of service account and pull
 * secrets. `secrets.ts` reads the secrets.
 */
import type { PodRecord } from '../records/pod-record.ts';

/**
 * Service account and pull secrets with which a pod logs in to registries. Pods with equal sets share one
 * inspection.
 */
export interface CredentialSet {
  readonly serviceAccount: string;
  /** The pod's own pull secrets in their order; those of the service account are not included. */
  readonly pullSecrets: readonly string[];
}

/** Limit for one image in one namespace: each set costs an inspection. */
export const maxCredentialSets = 16;

export interface DistinctSets {
  /** At most `maxCredentialSets` sets, those with the most users first. */
  readonly sets: readonly CredentialSet[];
  /** Number of sets beyond the limit. */
  readonly more: number;
}

export function distinctCredentialSets(
  users: readonly Pick<PodRecord, 'serviceAccount' | 'pullSecrets'>[],
): DistinctSets {
  const counted = new Map<string, { readonly set: CredentialSet; count: number }>();
  for (const { serviceAccount, pullSecrets } of users) {
    const set: CredentialSet = { serviceAccount, pullSecrets };
    const knownSet = counted.get(credentialSetKey(set));
    if (knownSet) knownSet.count++;
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

/** Returns equal keys for sets with the same credentials. */
export function credentialSetKey({ serviceAccount, pullSecrets }: CredentialSet): string {
  return JSON.stringify([serviceAccount, ...pullSecrets]);
}
