/** Rebuilds the active configuration when OpenShift's mirror sets in the cluster are listed or change. */
import { sourcesIn } from '../../resolve/endpoints/schema.ts';
import { clean } from '../../util/text/text.ts';
import type { Cluster } from '../cluster.ts';
import type { LiveConfiguration } from './live-configuration.ts';
import type { ConfigSnapshot } from './snapshot.ts';

export interface MirrorSetReload {
  /** Readiness: why the nodes' mirrors are not known yet; null if they are known or come from files. */
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
  // Every snapshot after the first, also one of a changed file, includes the listed mirror sets.
  liveConfiguration.onChange(() => {
    problem = null;
  });
  const rebuild = async (): Promise<void> => {
    const rejection = await liveConfiguration.rebuild();
    // A later error keeps the active snapshot, so the replica stays ready; without a first one it must not judge.
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
