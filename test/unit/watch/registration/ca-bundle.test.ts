import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KubernetesError } from '../../../../src/watch/kubernetes/api.ts';
import { isBundleRegistered, keepCaBundle } from '../../../../src/watch/registration/ca-bundle.ts';
import { ConfigurationInformers } from '../../../../src/watch/registration/configuration-informers.ts';
import { type MemoryApi, memoryApi } from './memory-api.ts';
import { bundleIn, configuration, mutating, own, pem, register, validating } from './registrations.ts';

let api: MemoryApi;
let stop: AbortController;
let reported: string[];
beforeEach(() => {
  api = memoryApi();
  stop = new AbortController();
  reported = [];
});
afterEach(() => stop.abort());

function keep(bundle: () => string | null, keepRegistered = false): Promise<unknown> {
  const configurations = new ConfigurationInformers({ api, own, times: { firstMs: 1, longestMs: 1 } });
  const observer = {
    caBundleUpdated: (kind: string) => reported.push(kind),
    caBundleUpdateFailed: (error: Error) => reported.push(error.message),
  };
  return Promise.all([
    configurations.run(stop.signal),
    keepCaBundle({ api, configurations, bundle, keepRegistered, observer, checkEveryMs: 1 }, stop.signal),
  ]);
}

async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Resolves after several checks of the bundle. */
async function checks(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setTimeout(resolve, 1));
}

const writes = () => api.requests.filter((request) => request.startsWith('PATCH')).length;

describe('keepCaBundle', () => {
  test('fills every webhook of both configurations once', async () => {
    register(api, mutating, configuration({ name: 'mutate.pratique.dev' }, { name: 'more.pratique.dev' }));
    register(api, validating, configuration({ name: 'validate.pratique.dev' }));
    const running = keep(() => pem('one'));
    await until(() => reported.length === 2);
    await checks();
    expect(writes()).toBe(2);
    expect(bundleIn(api, mutating)).toEqual([pem('one'), pem('one')]);
    expect(bundleIn(api, validating)).toEqual([pem('one')]);
    stop.abort();
    await running;
  });

  test('watches both configurations by name and sends no other request', async () => {
    register(api, mutating, configuration({ name: 'mutate.pratique.dev', bundle: pem('one') }));
    void keep(() => pem('one'));
    await checks();
    expect(api.requests).toEqual([
      `WATCH ${mutating.replace('/pratique', '')}?fieldSelector=metadata.name=pratique`,
      `WATCH ${validating.replace('/pratique', '')}?fieldSelector=metadata.name=pratique`,
    ]);
  });

  test('fills a configuration that is created later or emptied', async () => {
    void keep(() => pem('one'));
    await checks();
    register(api, mutating, configuration({ name: 'mutate.pratique.dev' }));
    await until(() => reported.length === 1);
    register(api, mutating, configuration({ name: 'mutate.pratique.dev' }));
    await until(() => reported.length === 2);
    expect(bundleIn(api, mutating)).toEqual([pem('one')]);
  });

  test('replaces the bundle when the CAs change', async () => {
    register(api, mutating, configuration({ name: 'mutate.pratique.dev', bundle: pem('old') }));
    void keep(() => pem('new'));
    await until(() => reported.length === 1);
    expect(bundleIn(api, mutating)).toEqual([pem('new')]);
  });

  test('keeps registered CAs where replicas may serve certificates of either', async () => {
    register(api, mutating, configuration({ name: 'mutate.pratique.dev', bundle: pem('old') }));
    void keep(() => pem('new'), true);
    await until(() => reported.length === 1);
    await checks();
    expect(bundleIn(api, mutating)).toEqual([pem('new') + pem('old')]);
    expect(writes()).toBe(1);
  });

  test('writes a bundle of forty CAs completely and once', async () => {
    const wanted = Array.from({ length: 40 }, (_, at) => pem(`CA ${at}`)).join('');
    register(api, mutating, configuration({ name: 'mutate.pratique.dev', bundle: pem('old') }));
    void keep(() => wanted, true);
    await until(() => reported.length === 1);
    await checks();
    expect(bundleIn(api, mutating)).toEqual([wanted + pem('old')]);
    expect(writes()).toBe(1);
  });

  test('writes nothing if Pratique does not manage the bundle', async () => {
    register(api, mutating, configuration({ name: 'mutate.pratique.dev', bundle: pem('theirs') }));
    void keep(() => null);
    await checks();
    expect(writes()).toBe(0);
  });

  test('reports a failure once and retries', async () => {
    register(api, mutating, configuration({ name: 'mutate.pratique.dev' }));
    let bundle: string | null = null;
    void keep(() => bundle);
    await checks();
    api.failure = new KubernetesError('Forbidden', 'not allowed', { status: 403 });
    bundle = pem('one');
    await until(() => writes() > 3);
    expect(reported).toEqual(['not allowed']);
    api.failure = null;
    await until(() => reported.length === 2);
    expect(bundleIn(api, mutating)).toEqual([pem('one')]);
  });

  test('leaves webhooks of another Service unchanged', async () => {
    const webhooks = [
      { name: 'theirs', bundle: pem('theirs'), service: 'another' },
      { name: 'ours', bundle: '' },
    ];
    register(api, mutating, configuration(...webhooks));
    void keep(() => pem('one'));
    await until(() => reported.length === 1);
    expect(bundleIn(api, mutating)).toEqual([pem('theirs'), pem('one')]);
  });
});

describe('isBundleRegistered', () => {
  const isRegistered = (bundle: string) => isBundleRegistered(api, own, bundle, stop.signal);

  test('returns true if every webhook has every CA', async () => {
    register(api, mutating, configuration({ name: 'a', bundle: pem('one') + pem('two') }));
    register(api, validating, configuration({ name: 'b', bundle: pem('one') }));
    expect(await isRegistered(pem('one'))).toBe(true);
    expect(await isRegistered(pem('one') + pem('two'))).toBe(false);
  });

  test('returns true if nothing is registered, because no client could reject the certificate', async () => {
    expect(await isRegistered(pem('one'))).toBe(true);
  });
});
