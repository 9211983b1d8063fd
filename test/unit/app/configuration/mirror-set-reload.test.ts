import { beforeEach, describe, expect, test } from '@jest/globals';
import { listMirrorSets } from '../../../../src/app/configuration/mirror-list.ts';
import { reloadMirrorSets } from '../../../../src/app/configuration/mirror-set-reload.ts';

type Parameters = globalThis.Parameters<typeof reloadMirrorSets>;
type Snapshot = Parameters[1]['snapshot'];

/** The part of a snapshot that the code under test reads. */
const snapshotOf = (mirrors: object) => ({ configuration: { mirrors } }) as Snapshot;
const withMirrorSets = snapshotOf({ openshift: {}, nodeGroups: [] });
const withoutMirrorSets = snapshotOf({ nodeGroups: [] });

let active: Snapshot;
let rejection: string | null;
let missing: string | null;
let attempts: number;
let synced: PromiseWithResolvers<void>;
let changed: (() => void) | undefined;
let activate: (snapshot: Snapshot) => void;
let stop: AbortController;

beforeEach(() => {
  [active, rejection, missing, attempts] = [withMirrorSets, null, 'not synced: images', 0];
  [changed, stop] = [undefined, new AbortController()];
  synced = Promise.withResolvers();
});

function fakeMirrorSets() {
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

function startReload() {
  const mirrors = reloadMirrorSets(fakeMirrorSets(), {
    get snapshot() {
      return active;
    },
    onChange(listener) {
      activate = listener;
    },
    rebuild() {
      attempts++;
      if (rejection === null) activate(active);
      return Promise.resolve(rejection);
    },
  });
  return { mirrors, running: mirrors.run(stop.signal) };
}

/** Resolves after every pending promise callback has run. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

async function finishList(): Promise<void> {
  missing = null;
  synced.resolve();
  await settled();
}

describe('mirror sets of the cluster', () => {
  test('keep a replica unready until they are listed and active', async () => {
    const { mirrors, running } = startReload();
    expect(mirrors.problem()).toBe('not synced: images');
    await finishList();
    expect([attempts, mirrors.problem()]).toEqual([1, null]);
    stop.abort();
    await running;
  });

  test('do not keep a replica unready if the configuration does not name them', async () => {
    active = withoutMirrorSets;
    const { mirrors } = startReload();
    await settled();
    expect(mirrors.problem()).toBeNull();
    stop.abort();
  });

  test('are watched once a configuration names them, and a running server rejects the snapshot until they are listed', () => {
    const { mirrorSets, wanted } = fakeMirrorSets();
    expect(listMirrorSets({ mirrorSets }, false)).toEqual([]);
    expect(wanted()).toBe(1);
    expect(() => listMirrorSets({ mirrorSets }, true)).toThrow(
      'mirror sets of the cluster: not synced: images',
    );
    missing = null;
    expect(listMirrorSets({ mirrorSets }, true)).toEqual([]);
  });

  test('that are invalid at start keep the replica unready until they are corrected', async () => {
    const { mirrors } = startReload();
    rejection = 'ImageTagMirrorSet/corp: not a name';
    await finishList();
    expect(mirrors.problem()).toBe(
      "the cluster's mirror sets cannot be used: ImageTagMirrorSet/corp: not a name",
    );
    rejection = null;
    changed?.();
    await settled();
    expect(mirrors.problem()).toBeNull();
    stop.abort();
  });

  test('make the replica ready when a reload of the configuration file corrects the error', async () => {
    const { mirrors } = startReload();
    rejection = 'configuration.yaml:3: unknown key';
    await finishList();
    expect(mirrors.problem()).toContain('unknown key');
    activate(withMirrorSets);
    expect(mirrors.problem()).toBeNull();
    stop.abort();
  });

  test('that become invalid later leave the replica ready', async () => {
    const { mirrors } = startReload();
    await finishList();
    rejection = 'ImageTagMirrorSet/corp: not a name';
    changed?.();
    await settled();
    expect([attempts, mirrors.problem()]).toEqual([2, null]);
    stop.abort();
  });
});
