import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KubernetesError } from '../../../../src/watch/kubernetes/api.ts';
import { isBundleRegistered, keepBundle } from '../../../../src/watch/registration/ca-bundle.ts';
import { type MemoryApi, memoryApi } from './memory-api.ts';
import { bundleIn, configuration, mutating, pem, register, validating, own } from './registrations.ts';

let api: MemoryApi;
let stop: AbortController;
let told: string[];
beforeEach(() => {
  api = memoryApi();
  stop = new AbortController();
  told = [];
});
afterEach(() => stop.abort());

const keep = (bundle: () => string | null, keepRegistered = false) =>
  keepBundle(
    {
      api,
      own,
      bundle,
      keepRegistered,
      observer: {
        bundleRegistered: (kind) => told.push(kind),
        bundleFailed: (error) => told.push(error.message),
      },
      checkEveryMs: 1,
    },
    stop.signal,
  );

async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await new Promise((resolve) => setTimeout(resolve, 1));
}
const writes = () => api.requests.filter((request) => !request.startsWith('GET')).length;
const looks = async (count: number) => {
  const before = api.requests.length;
  await until(() => api.requests.length >= before + 2 * count);
};

describe('keepBundle', () => {
  test('fills every webhook of both configurations, and then writes nothing', async () => {
    register(api, mutating, configuration({ name: 'mutate.pratique.dev' }, { name: 'more.pratique.dev' }));
    register(api, validating, configuration({ name: 'validate.pratique.dev' }));
    const running = keep(() => pem('one'));
    await until(() => told.length === 2);
    await looks(5);
    expect(writes()).toBe(2);
    expect(bundleIn(api, mutating)).toEqual([pem('one'), pem('one')]);
    expect(bundleIn(api, validating)).toEqual([pem('one')]);
    stop.abort();
    await running;
  });

  test('asks for both by name, never for all', async () => {
    void keep(() => pem('one'));
    await looks(2);
    expect(new Set(api.requests)).toEqual(new Set([`GET ${mutating}`, `GET ${validating}`]));
  });

  test('fills one that comes later, and one that was emptied', async () => {
    void keep(() => pem('one'));
    await looks(2);
    register(api, mutating, configuration({ name: 'mutate.pratique.dev' }));
    await until(() => told.length === 1);
    register(api, mutating, configuration({ name: 'mutate.pratique.dev' }));
    await until(() => told.length === 2);
    expect(bundleIn(api, mutating)).toEqual([pem('one')]);
  });

  test('replaces what is there when the authorities change', async () => {
    register(api, mutating, configuration({ name: 'mutate.pratique.dev', bundle: pem('old') }));
    void keep(() => pem('new'));
    await until(() => told.length === 1);
    expect(bundleIn(api, mutating)).toEqual([pem('new')]);
  });

  test('keeps beside it what is registered, where replicas may serve under either', async () => {
    register(api, mutating, configuration({ name: 'mutate.pratique.dev', bundle: pem('old') }));
    void keep(() => pem('new'), true);
    await until(() => told.length === 1);
    await looks(3);
    expect(bundleIn(api, mutating)).toEqual([pem('new') + pem('old')]);
    expect(writes()).toBe(1);
  });

  test('the bundle of a whole company is registered whole, and once', async () => {
    const wanted = Array.from({ length: 40 }, (_, at) => pem(`authority ${at}`)).join('');
    register(api, mutating, configuration({ name: 'mutate.pratique.dev', bundle: pem('old') }));
    void keep(() => wanted, true);
    await until(() => told.length === 1);
    await looks(3);
    expect(bundleIn(api, mutating)).toEqual([wanted + pem('old')]);
    expect(writes()).toBe(1);
  });

  test('leaves it alone where the bundle is not ours to say', async () => {
    register(api, mutating, configuration({ name: 'mutate.pratique.dev', bundle: pem('theirs') }));
    let asked = 0;
    void keep(() => {
      asked += 1;
      return null;
    });
    await until(() => asked > 2);
    expect(api.requests).toEqual([]);
  });

  test('a failure is told once, and tried again', async () => {
    register(api, mutating, configuration({ name: 'mutate.pratique.dev' }));
    api.failure = new KubernetesError('Forbidden', 'not allowed', { status: 403 });
    void keep(() => pem('one'));
    await looks(3);
    expect(told).toEqual(['not allowed']);
    api.failure = null;
    await until(() => told.length === 2);
    expect(bundleIn(api, mutating)).toEqual([pem('one')]);
  });
});

test('what is registered for another Service is left alone', async () => {
  const webhooks = [
    { name: 'theirs', bundle: pem('theirs'), service: 'another' },
    { name: 'ours', bundle: '' },
  ];
  register(api, mutating, configuration(...webhooks));
  void keep(() => pem('one'));
  await until(() => told.length === 1);
  expect(bundleIn(api, mutating)).toEqual([pem('theirs'), pem('one')]);
});

describe('isBundleRegistered', () => {
  const registered = (bundle: string) => isBundleRegistered(api, own, bundle, stop.signal);

  test('when every webhook has every authority', async () => {
    register(api, mutating, configuration({ name: 'a', bundle: pem('one') + pem('two') }));
    register(api, validating, configuration({ name: 'b', bundle: pem('one') }));
    expect(await registered(pem('one'))).toBe(true);
    expect(await registered(pem('one') + pem('two'))).toBe(false);
  });

  test('when nothing is registered: there is no client that could refuse us', async () => {
    expect(await registered(pem('one'))).toBe(true);
  });
});
