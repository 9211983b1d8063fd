import { beforeEach, describe, expect, test } from '@jest/globals';
import { listMirrorSets, reloadMirrorSets } from '../../../src/app/mirror-set-reload.ts';

type Parameters = globalThis.Parameters<typeof reloadMirrorSets>;
type Generation = Parameters[1]['snapshot'];

/** A configuration as far as it is looked at. */
const generation = (mirrors: object) => ({ configuration: { mirrors } }) as Generation;
const naming = generation({ openshift: {}, nodeGroups: [] });
const notNaming = generation({ nodeGroups: [] });

let inUse: Generation;
let refused: string | null;
let missing: string | null;
let attempts: number;
let synced: PromiseWithResolvers<void>;
let changed: (() => void) | undefined;
let taken: (generation: Generation) => void;
let stop: AbortController;

beforeEach(() => {
  [inUse, refused, missing, attempts] = [naming, null, 'not listed yet: images', 0];
  [changed, stop] = [undefined, new AbortController()];
  synced = Promise.withResolvers();
});

function sets() {
  let wanted = 0;
  const mirrorSets: Partial<Parameters[0]['mirrorSets']> = {
    enable: () => void wanted++,
    current: () => [],
    notSynced: () => missing,
    synced: () => synced.promise,
    onChange(listener) {
      changed = listener;
      return () => true;
    },
    run: (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
  };
  return { mirrorSets: mirrorSets as Parameters[0]['mirrorSets'], wanted: () => wanted };
}

function watching() {
  const mirrors = reloadMirrorSets(sets(), {
    get snapshot() {
      return inUse;
    },
    onChange(listener) {
      taken = listener;
    },
    rebuild() {
      attempts++;
      if (refused === null) taken(inUse);
      return Promise.resolve(refused);
    },
  });
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
  test('keep a replica unready until they are listed and in use', async () => {
    const { mirrors, running } = watching();
    expect(mirrors.problem()).toBe('not listed yet: images');
    await listed();
    expect([attempts, mirrors.problem()]).toEqual([1, null]);
    stop.abort();
    await running;
  });

  test('that the configuration in use does not name keep nobody unready', async () => {
    inUse = notNaming;
    const { mirrors } = watching();
    await settled();
    expect(mirrors.problem()).toBeNull();
    stop.abort();
  });

  test('are wanted from when a configuration names them; one that runs waits with it until they are listed', () => {
    const { mirrorSets, wanted } = sets();
    expect(listMirrorSets({ mirrorSets }, false)).toEqual([]);
    expect(wanted()).toBe(1);
    expect(() => listMirrorSets({ mirrorSets }, true)).toThrow(
      'mirror sets of the cluster: not listed yet: images',
    );
    missing = null;
    expect(listMirrorSets({ mirrorSets }, true)).toEqual([]);
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

  test('are in use, too, when a reload of the files puts right what stood in their way', async () => {
    const { mirrors } = watching();
    refused = 'configuration.yaml:3: unknown key';
    await listed();
    expect(mirrors.problem()).toContain('unknown key');
    taken(naming);
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
