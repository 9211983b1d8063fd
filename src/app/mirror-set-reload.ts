/** Mirror sets of OpenShift become part of the configuration in use, and what changes of them a new version of it. */
import { MirrorConfigError } from '../resolve/endpoints/mirror-config-error.ts';
import type { MirrorObject } from '../resolve/endpoints/openshift/resources.ts';
import { sourcesIn } from '../resolve/endpoints/schema.ts';
import { clean } from '../util/text/text.ts';
import type { Cluster } from './cluster.ts';
import type { LiveConfiguration } from './live-configuration.ts';
import type { ConfigSnapshot } from './snapshot.ts';

export interface MirrorSetReload {
  /** For readiness: why the mirrors of the nodes are not known yet; null when they are, or come from files. */
  problem(): string | null;
  /** Until `signal` aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

export function reloadMirrorSets(
  { mirrorSets }: Pick<Cluster, 'mirrorSets'>,
  current: Pick<LiveConfiguration, 'snapshot' | 'rebuild' | 'onChange'>,
): MirrorSetReload {
  const isWanted = ({ configuration }: ConfigSnapshot): boolean =>
    sourcesIn(configuration.mirrors).some(({ openshift }) => openshift !== undefined);
  let problem: string | null = 'the mirror sets of the cluster are not in use yet';
  // Whatever comes after the first, a reload of the files included, was made of what is listed.
  current.onChange(() => {
    problem = null;
  });
  const take = async (): Promise<void> => {
    const refused = await current.rebuild();
    // What is wrong later leaves what is in use; who has nothing in use must not judge without.
    if (refused !== null) problem &&= `the mirror sets of the cluster cannot be used: ${clean(refused, 512)}`;
  };
  mirrorSets.onChange(() => void take());
  return {
    problem: () => (isWanted(current.snapshot) ? problem && (mirrorSets.notSynced() ?? problem) : null),
    async run(signal) {
      const running = mirrorSets.run(signal);
      // Else it stops.
      const first = mirrorSets.synced(signal).then(take, () => undefined);
      await Promise.all([running, first]);
    },
  };
}

/**
 * What there is of them now. A server that starts takes what is listed so far, and is not ready; one that runs stays with
 * the configuration that it has until they are listed. Throws `MirrorConfigError`.
 */
export function listMirrorSets(
  { mirrorSets }: Pick<Cluster, 'mirrorSets'>,
  isRunning: boolean,
): readonly MirrorObject[] {
  mirrorSets.enable();
  const missing = isRunning ? mirrorSets.notSynced() : null;
  if (missing === null) return mirrorSets.current();
  const at = { file: 'mirror sets of the cluster', line: null, column: null };
  throw new MirrorConfigError('UNREADABLE', at, missing);
}
