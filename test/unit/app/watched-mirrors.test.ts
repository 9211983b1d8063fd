import { beforeEach, describe, expect, test } from '@jest/globals';
import { watchedMirrors } from '../../../src/app/watched-mirrors.ts';

type Parameters = globalThis.Parameters<typeof watchedMirrors>;
type Generation = Parameters[1]['generation'];

/** A configuration as far as it is looked at. */
const generation = (mirrors: object) => ({ configuration: { mirrors } }) as Generation;
const naming = generation({ openshift: {}, nodeGroups: [] });
const notNaming = generation({ nodeGroups: [] });

let inUse: Generation;
let refused: string | null;
let missing: string | null;
let attempts: number;
let runs: number;
let synced: PromiseWithResolvers<void>;
let reloaded: ((generation: Generation) => void) | undefined;
let changed: (() => void) | undefined;
let stop: AbortController;

beforeEach(() => {
  [inUse, refused, missing, attempts, runs] = [naming, null, 'not listed yet: images', 0, 0];
  [reloaded, changed, stop] = [undefined, undefined, new AbortController()];
  synced = Promise.withResolvers();
});

function watching() {
  const mirrorSets: Partial<Parameters[0]['mirrorSets']> = {
    missing: () => missing,
    synced: () => synced.promise,
    onChange(listener) {
      changed = listener;
      return () => true;
    },
    async run(signal) {
      runs++;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  };
  const mirrors = watchedMirrors(
    { mirrorSets: mirrorSets as Parameters[0]['mirrorSets'] },
    {
      get generation() {
        return inUse;
      },
      onChange(listener) {
        reloaded = listener;
      },
      again() {
        attempts++;
        return Promise.resolve(refused);
      },
    },
  );
  return { mirrors, running: mirrors.run(stop.signal) };
}

/** All that follows has happened. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

async function listed(): Promise<void> {
  missing = null;
  synced.resolve();
  await settled();
}

describe('mirror sets of the cluster', () => {
  test('are watched from when a configuration first names them', async () => {
    inUse = notNaming;
    const { mirrors, running } = watching();
    await settled();
    expect([runs, mirrors.problem()]).toEqual([0, null]);
    inUse = naming;
    reloaded?.(naming);
    await settled();
    expect([runs, mirrors.problem()]).toEqual([1, 'not listed yet: images']);
    await listed();
    expect([attempts, mirrors.problem()]).toEqual([1, null]);
    stop.abort();
    await running;
  });

  test('are none of ours where no configuration ever names them', async () => {
    inUse = notNaming;
    const { running } = watching();
    stop.abort();
    await running;
    expect(runs).toBe(0);
  });

  test('that are wrong leave a replica that has none in use unready, until they are put right', async () => {
    const { mirrors } = watching();
    refused = 'ImageTagMirrorSet/corp: not a name';
    await listed();
    expect(mirrors.problem()).toBe(
      'the mirror sets of the cluster cannot be used: ImageTagMirrorSet/corp: not a name',
    );
    refused = null;
    changed?.();
    await settled();
    expect(mirrors.problem()).toBeNull();
    stop.abort();
  });

  test('that are wrong later leave what is in use', async () => {
    const { mirrors } = watching();
    await listed();
    refused = 'ImageTagMirrorSet/corp: not a name';
    changed?.();
    await settled();
    expect([attempts, mirrors.problem()]).toEqual([2, null]);
    stop.abort();
  });
});
