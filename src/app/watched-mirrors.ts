/** Mirror sets of OpenShift become part of the configuration in use, and what changes of them a new version of it. */
import { sourcesIn } from '../resolve/endpoints/schema.ts';
import { clean } from '../util/text.ts';
import type { Cluster } from './cluster.ts';
import type { Current } from './current.ts';
import type { Generation } from './generation.ts';

export interface WatchedMirrors {
  /** For readiness: why the mirrors of the nodes are not known yet; null when they are, or come from files. */
  problem(): string | null;
  /** Until `signal` aborts; never rejects. They are watched from when a configuration first names them. */
  run(signal: AbortSignal): Promise<void>;
}

export function watchedMirrors(
  { mirrorSets }: Pick<Cluster, 'mirrorSets'>,
  current: Pick<Current, 'generation' | 'onChange' | 'again'>,
): WatchedMirrors {
  const wanted = Promise.withResolvers<void>();
  const isWanted = ({ configuration }: Generation): boolean =>
    sourcesIn(configuration.mirrors).some(({ openshift }) => openshift !== undefined);
  const look = (generation: Generation): void => {
    if (isWanted(generation)) wanted.resolve();
  };
  let problem: string | null = 'the mirror sets of the cluster are not in use yet';
  const take = async (): Promise<void> => {
    const refused = await current.again();
    // What is wrong later leaves what is in use; who has nothing in use must not judge without.
    if (refused === null) problem = null;
    else problem &&= `the mirror sets of the cluster cannot be used: ${clean(refused, 512)}`;
  };
  look(current.generation);
  current.onChange(look);
  mirrorSets.onChange(() => void take());
  return {
    problem: () => (isWanted(current.generation) ? problem && (mirrorSets.missing() ?? problem) : null),
    async run(signal) {
      signal.addEventListener('abort', () => wanted.resolve(), { once: true });
      await wanted.promise;
      if (signal.aborted) return;
      const running = mirrorSets.run(signal);
      // Else it stops.
      const first = mirrorSets.synced(signal).then(take, () => undefined);
      await Promise.all([running, first]);
    },
  };
}
