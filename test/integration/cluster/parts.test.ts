/** `controller.deep` on a real API server, with a real registry that loses a layer of an image in use and gets it back. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pod } from '../../kit/fakes/pods.ts';
import { multiArch } from '../../kit/registries/images.ts';
import { clusterSuite, patienceMs } from './support/suite.ts';
import { untilTrue } from './support/until.ts';
import { startWorld, type World } from './support/world.ts';

const suite = await clusterSuite();

const image = multiArch(['linux/amd64', 'linux/arm64'], { salt: 'parts' });
const lost = image.blobs[0]?.digest ?? '';

suite('the parts of images in use', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({
      install: { configuration: { controller: { interval: '3s', deep: true } } },
    });
  }, patienceMs);
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });

  test(
    'a layer that is gone, and exists again, changes PartsPresent and causes one Event each',
    async () => {
      const shop = await world.namespace('enforce');
      const isShown = (what: string, kind: string, path: string, text: string) =>
        untilTrue(
          what,
          async () => {
            const { stdout } = await world.kubectl('-n', shop, 'get', kind, `-o=jsonpath=${path}`);
            return stdout.includes(text);
          },
          patienceMs / 4,
        );
      const condition = '{.items[*].status.conditions[?(@.type=="PartsPresent")]}';
      const events = '{range .items[*]}{.type} {.reason}: {.message}{"\\n"}{end}';

      await world.registry.put('team/parts', '1', image);
      expect(await world.create(shop, pod('parts').container('team/parts:1').build())).toMatchObject({
        status: 0,
      });
      await isShown('all parts are there', 'imageinspections', condition, '"AllPartsPresent"');

      const url = `${world.registry.registry.url}/v2/team/parts/blobs/${lost}`;
      expect((await fetch(url, { method: 'DELETE' })).status).toBe(202);
      await isShown('the lost part is named', 'imageinspections', condition, lost);
      await isShown('its Event', 'events', events, 'Warning ImagePartsMissing');

      await world.registry.put('team/parts', '1', image);
      await isShown('all parts are there again', 'imageinspections', condition, '"AllPartsPresent"');
      await isShown('its Event', 'events', events, 'Normal ImagePartsPresent');
    },
    patienceMs,
  );
});
