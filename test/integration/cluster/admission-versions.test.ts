/** The same chart and the same Pratique before an API server that behaves as an older version. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pod } from '../../fakes/pods.ts';
import { staticPod } from './support/objects.ts';
import { clusterSuite, patienceMs } from './support/suite.ts';
import { startWorld, type World } from './support/world.ts';

const suite = await clusterSuite();

suite('an API server that emulates 1.33', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ controlPlane: { emulatedVersion: '1.33' } });
  }, patienceMs);
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });

  test('it says so', async () => {
    const { body } = await world.api.send<{ minor?: string }>('GET', '/version');
    expect(body.minor).toBe('33');
  });

  test('pods are pinned, warned of, denied', async () => {
    const [shop, lab] = [await world.namespace('enforce'), await world.namespace()];
    expect(await world.kubectl('-n', shop, 'run', 'web', '--image=nginx:1.27')).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(await world.image(shop, 'web')).toBe(`nginx:1.27@${world.digests['library/nginx:1.27']}`);
    const ghost = pod('ghost').container('team/ghost:9').build();
    expect(await world.create(shop, ghost)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('denied'),
    });
    expect(await world.create(lab, ghost)).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('Warning: '),
    });
  });

  test('the conditions of the webhooks hold there as well', async () => {
    const shop = await world.namespace('enforce');
    expect(await world.create(shop, staticPod('amd-1'))).toMatchObject({ status: 0, stderr: '' });
    await world.kubectl('-n', shop, 'run', 'web', '--image=nginx:1.27');
    expect(await world.asked(() => world.kubectl('-n', shop, 'label', 'pod', 'web', 'a=b'))).toBe(0);
    const set = await world.kubectl('-n', shop, 'set', 'image', 'pod/web', 'web=team/ghost:9');
    expect(set).toMatchObject({ status: 1 });
  });
});
