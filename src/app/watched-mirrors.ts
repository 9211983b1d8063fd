/** Mirror sets of OpenShift become part of the configuration in use, and what changes of them a new version of it. */
import { sourcesIn } from '../resolve/endpoints/schema.ts';
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
  current: Current,
): WatchedMirrors {
  const wanted = Promise.withResolvers<void>();
  const isWanted = ({ configuration }: Generation): boolean =>
    sourcesIn(configuration.mirrors).some(({ openshift }) => openshift !== undefined);
  const look = (generation: Generation): void => {
    if (isWanted(generation)) wanted.resolve();
  };
  let known = false;
  look(current.generation);
  current.onChange(look);
  mirrorSets.onChange(() => void current.again());
  return {
    problem: () => (known || !isWanted(current.generation) ? null : 'mirror sets were not listed yet'),
    async run(signal) {
      signal.addEventListener('abort', () => wanted.resolve(), { once: true });
      await wanted.promise;
      if (signal.aborted) return;
      const running = mirrorSets.run(signal);
      const first = mirrorSets.synced(signal).then(
        async () => {
          await current.again();
          known = true;
        },
        // It stops.
        () => undefined,
      );
      await Promise.all([running, first]);
    },
  };
}
