import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { clusterMirrorList } from '../../../../src/resolve/endpoints/openshift/load-openshift.ts';
import { parseReference } from '../../../../src/resolve/reference/parse.ts';
import { MirrorSets } from '../../../../src/watch/cluster/mirror-sets.ts';
import { memoryFiles } from '../../../kit/fakes/memory-files.ts';
import { FakeTimers, settled } from '../controller/fake-timers.ts';
import { WatchedApi } from '../controller/watched-api.ts';

const digestSets = '/apis/config.openshift.io/v1/imagedigestmirrorsets';
const images = '/apis/config.openshift.io/v1/images';

let api: WatchedApi;
let timers: FakeTimers;
let stop: AbortController;
let running: Promise<void>;
let heard: number;

async function start(): Promise<MirrorSets> {
  const sets = new MirrorSets({ api, timers });
  sets.enable();
  sets.onChange(() => heard++);
  running = sets.run(stop.signal);
  await sets.synced(stop.signal);
  await settled();
  return sets;
}

beforeEach(() => {
  [api, timers, stop, heard] = [new WatchedApi(), new FakeTimers(), new AbortController(), 0];
});
afterEach(async () => {
  stop.abort();
  await running;
  expect(timers.pending).toBe(0);
});

const mirror = (source: string, to: string) => ({
  spec: { imageDigestMirrors: [{ source, mirrors: [to] }] },
});

/** Where an image is asked for, and who says so. */
function endpoints(sets: MirrorSets, image: string) {
  const list = clusterMirrorList(sets.current(), memoryFiles({}), { version: 'auto', pathMap: {} });
  return list.endpoints(parseReference(image)).endpoints.map(({ url, source }) => [url, source]);
}

const pinned = `registry.io/team/app@sha256:${'a'.repeat(64)}`;

describe('mirror sets of a cluster', () => {
  test('are empty and synced where OpenShift is not installed', async () => {
    const sets = await start();
    expect([sets.current(), sets.notSynced()]).toEqual([[], null]);
    expect(endpoints(sets, pinned)).toEqual([['https://registry.io/v2', null]]);
  });

  test('are not synced before they are watched', () => {
    running = Promise.resolve();
    expect(new MirrorSets({ api, timers }).notSynced()).toBe(
      'not synced: imagedigestmirrorsets, imagetagmirrorsets, imagecontentsourcepolicies, images',
    );
  });

  test('become endpoints that name the object as their source', async () => {
    api.put(digestSets, 'corp', mirror('registry.io/team', 'mirror.corp/team'));
    const sets = await start();
    expect(endpoints(sets, pinned)).toEqual([
      ['https://mirror.corp/v2', { file: 'ImageDigestMirrorSet/corp', line: null }],
      ['https://registry.io/v2', { file: 'ImageDigestMirrorSet/corp', line: null }],
    ]);
  });

  test('notify listeners once after a burst of changes', async () => {
    api.install(digestSets);
    const sets = await start();
    api.put(digestSets, 'corp', mirror('registry.io', 'mirror.corp'));
    api.put(digestSets, 'lab', mirror('lab.io', 'mirror.lab'));
    await timers.pass(1_999);
    expect(heard).toBe(0);
    await timers.pass(1);
    expect([heard, sets.current().map(({ name }) => name)]).toEqual([
      1,
      ['ImageDigestMirrorSet/corp', 'ImageDigestMirrorSet/lab'],
    ]);
    api.remove(digestSets, 'lab');
    await timers.pass(2_000);
    expect(heard).toBe(2);
  });

  test('do not notify listeners when the content is unchanged', async () => {
    api.put(digestSets, 'corp', mirror('registry.io', 'mirror.corp'));
    await start();
    api.put(digestSets, 'corp', { ...mirror('registry.io', 'mirror.corp'), status: { seen: true } });
    api.put(digestSets, 'gone', mirror('a.io', 'b.io'));
    api.remove(digestSets, 'gone');
    await timers.pass(2_000);
    expect(heard).toBe(0);
  });

  test('use only the Image configuration named cluster', async () => {
    const blocked = { spec: { registrySources: { blockedRegistries: ['registry.io'] } } };
    api.put(images, 'other', blocked);
    const sets = await start();
    expect(sets.current()).toEqual([]);
    api.put(images, 'cluster', blocked);
    await timers.pass(2_000);
    expect(sets.current().map(({ name }) => name)).toEqual(['Image/cluster']);
  });
});
