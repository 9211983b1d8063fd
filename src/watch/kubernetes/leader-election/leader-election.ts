/** Leader election by a Lease with client-go's semantics: at most one replica leads at a time. */
import { LeaseCandidate } from './candidate.ts';
import { LeaseWatch } from './lease-watch.ts';
import type { LeaderElectionOptions, OnStartedLeading } from './options.ts';

/**
 * Runs until `signal` aborts; never rejects. Calls `lead` whenever this replica acquires the Lease, and releases the Lease
 * when `lead` returns. After a Lease is lost, this replica competes again only once `lead` has returned.
 */
export async function runLeaderElection(
  options: LeaderElectionOptions,
  signal: AbortSignal,
  lead: OnStartedLeading,
): Promise<void> {
  const candidate = new LeaseCandidate(options);
  const watch = new LeaseWatch(options, candidate);
  const watching = watch.run(signal);
  while (!signal.aborted) {
    const lease = await candidate.acquire(signal);
    if (lease) await candidate.lead(signal, lead, lease);
    if (!signal.aborted) await watch.pause(signal);
  }
  await watching;
}
