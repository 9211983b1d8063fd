/** The mirror sets of the cluster for a new snapshot. */
import { MirrorConfigError } from '../../resolve/endpoints/mirror-config-error.ts';
import type { MirrorObject } from '../../resolve/endpoints/openshift/resources.ts';
import type { Cluster } from '../cluster.ts';

/**
 * Returns the mirror sets listed so far. A starting server uses what is listed and is not ready; a running one keeps its
 * configuration until all are listed. Throws `MirrorConfigError`.
 */
export function listMirrorSets(
  { mirrorSets }: Pick<Cluster, 'mirrorSets'>,
  isRunning: boolean,
): readonly MirrorObject[] {
  mirrorSets.enable();
  const missing = isRunning ? mirrorSets.notSynced() : null;
  if (missing === null) return mirrorSets.current();
  const source = { file: 'mirror sets of the cluster', line: null, column: null };
  throw new MirrorConfigError('UNREADABLE', source, missing);
}
