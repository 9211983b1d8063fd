/**
 * Rebuild of the active configuration when OpenShift's mirror sets in the cluster are first listed or change.
 */
import { sourcesIn } from '../../resolve/endpoints/schema.ts';
import { clean } from '../../util/text/text.ts';
import type { Cluster } from '../cluster.ts';
import type { LiveConfiguration } from './live-configuration.ts';
import type { ConfigSnapshot } from './snapshot.ts';

export interface MirrorSetReload {
  /**
   * Returns why the nodes' mirrors are not known yet, for readiness; null if they are known or come from
   * files.
   */
  problem(): string | null;
  /** Runs until `signal` aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

export function reloadMirrorSets(
  { mirrorSets }: Pick<Cluster, 'mirrorSets'>,
  liveConfiguration: Pick<LiveConfiguration, 'snapshot' | 'rebuild' | 'onChange'>,
): MirrorSetReload {
  const usesMirrorSets = ({ configuration }: ConfigSnapshot): boolean =>
    sourcesIn(configuration.mirrors).some(({ openshift }) => openshift !== undefined);
  let problem: string | null = "the cluster's mirror sets are not in use yet";
  // Every snapshot after the first, including one from a changed file, contains the listed mirror sets.
  liveConfiguration.onChange(() => {
    problem = null;
  });
  const rebuild = async (): Promise<void> => {
    const rejection = await liveConfiguration.rebuild();
    // After a later error the previous snapshot stays active and the replica stays ready. Without a snapshot
    // that has the mirror sets, the replica must not judge.
    if (rejection !== null) problem &&= `the cluster's mirror sets cannot be used: ${clean(rejection, 512)}`;
  };
  mirrorSets.onChange(() => void rebuild());
  return {
    problem: () =>
      usesMirrorSets(liveConfiguration.snapshot) ? problem && (mirrorSets.notSynced() ?? problem) : null,
    async run(signal) {
      const running = mirrorSets.run(signal);
      // `synced` rejects only when `signal` aborts.
      const first = mirrorSets.synced(signal).then(rebuild, () => undefined);
      await Promise.all([running, first]);
    },
  };
}
