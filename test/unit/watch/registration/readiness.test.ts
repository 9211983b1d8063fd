import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KubernetesError } from '../../../../src/watch/kubernetes/api.ts';
import { ConfigurationInformers } from '../../../../src/watch/registration/configuration-informers.ts';
import { RegistrationReadiness } from '../../../../src/watch/registration/readiness.ts';
import { type MemoryApi, memoryApi } from './memory-api.ts';
import { configuration, mutating, pem, register, validating, own } from './registrations.ts';

const now = Date.parse('2026-02-01T00:00:00Z');
let api: MemoryApi;
let stop: AbortController;
let requestedHosts: string[];
beforeEach(() => {
  api = memoryApi();
  stop = new AbortController();
  requestedHosts = [];
});
afterEach(() => stop.abort());

/** Trusts the bundle `good`. */
async function readiness(fillsBundles = true): Promise<RegistrationReadiness> {
  const configurations = new ConfigurationInformers({ api, own, times: { firstMs: 1, longestMs: 1 } });
  const created = new RegistrationReadiness({
    configurations,
    name: own.name,
    fillsBundles,
    whyUntrusted: (bundle, host) => {
      requestedHosts.push(host);
      return bundle === pem('good') ? null : 'not issued by it';
    },
  });
  expect(created.problem()).toContain('not read yet');
  expect(created.mutates('shop', now)).toBeNull();
  void configurations.run(stop.signal);
  while (configurations.current() === null && configurations.failure() === null) await nextTurn();
  return created;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const withInjector = (object: Record<string, unknown>) => ({
  ...object,
  metadata: {
    name: 'pratique',
    annotations: { 'cert-manager.io/inject-ca-from': 'pratique-system/pratique' },
  },
});

describe('RegistrationReadiness', () => {
  test('is ready without a registration, which covers no pods', async () => {
    const registration = await readiness();
    expect(registration.problem()).toBeNull();
    expect(registration.mutates('shop', now)).toBe(false);
  });

  test.each<[string, () => void, string | null]>([
    [
      'a trusted bundle',
      () => register(api, mutating, configuration({ name: 'a', bundle: pem('good') })),
      null,
    ],
    [
      'an empty bundle',
      () => register(api, mutating, configuration({ name: 'a' })),
      'the caBundle of a is still empty',
    ],
    [
      'an untrusted bundle',
      () => register(api, mutating, configuration({ name: 'a', bundle: pem('bad') })),
      'is not trusted by a: not issued by it',
    ],
    [
      'an untrusted bundle of one of two webhooks',
      () =>
        register(
          api,
          mutating,
          configuration({ name: 'a', bundle: pem('good') }, { name: 'b', bundle: pem('bad') }),
        ),
      'is not trusted by b',
    ],
    [
      'a validating webhook only',
      () => register(api, validating, configuration({ name: 'v', bundle: pem('bad') })),
      'ValidatingWebhookConfiguration pratique',
    ],
  ])('is determined by %s', async (_title, given, problem) => {
    given();
    const registration = await readiness();
    if (problem === null) expect(registration.problem()).toBeNull();
    else expect(registration.problem()).toContain(problem);
  });

  test.each([
    ['a Service', configuration({ name: 'a', bundle: pem('good') }), 'pratique.pratique-system.svc'],
    ['a URL', configuration({ name: 'a', bundle: pem('good'), url: 'https://[::1]:9443/x' }), '::1'],
  ])('checks the certificate for the name of %s', async (_, object, host) => {
    register(api, mutating, object);
    const registration = await readiness();
    expect(registration.problem()).toBeNull();
    expect(new Set(requestedHosts)).toEqual(new Set([host]));
  });

  test('accepts an empty bundle that Pratique does not fill', async () => {
    register(api, mutating, configuration({ name: 'a' }));
    const registration = await readiness(false);
    expect(registration.problem()).toBeNull();
  });

  test('waits for a bundle that cert-manager fills', async () => {
    register(api, mutating, withInjector(configuration({ name: 'a' })));
    const registration = await readiness(false);
    expect(registration.problem()).toContain('still empty');
  });

  test('covers the namespaces that the mutating webhook does not exclude', async () => {
    const excludes = ['infra', 'legacy'];
    register(api, mutating, configuration({ name: 'a', bundle: pem('good'), excludes }));
    register(api, validating, configuration({ name: 'v', bundle: pem('good') }));
    const registration = await readiness();
    expect(['infra', 'legacy', 'shop'].map((name) => registration.mutates(name, now))).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('covers no pods created before the configuration, as after a reinstallation', async () => {
    const installed = configuration({ name: 'a', bundle: pem('good') });
    const metadata = { name: 'pratique', creationTimestamp: '2026-02-01T00:00:00Z' };
    register(api, mutating, { ...installed, metadata });
    const registration = await readiness();
    expect([-1_000, 0, 1_000].map((ms) => registration.mutates('shop', now + ms))).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('covers no pods with the validating webhook alone', async () => {
    register(api, validating, configuration({ name: 'v', bundle: pem('good') }));
    const registration = await readiness();
    expect(registration.mutates('shop', now)).toBe(false);
  });

  test('is based on the last known configurations while the API server fails', async () => {
    register(api, mutating, configuration({ name: 'a', bundle: pem('good') }));
    const registration = await readiness();
    api.failure = new KubernetesError('Unreachable', 'connection refused');
    await nextTurn();
    expect(registration.problem()).toBeNull();
    expect(registration.mutates('shop', now)).toBe(true);
  });

  test('follows changes of the configurations', async () => {
    register(api, mutating, configuration({ name: 'a', bundle: pem('good') }));
    const registration = await readiness();
    register(api, mutating, configuration({ name: 'a' }));
    await nextTurn();
    expect(registration.problem()).toContain('the caBundle of a is still empty');
  });

  test('names the failure if the configurations were never read', async () => {
    api.failure = new KubernetesError('Forbidden', 'may not watch it', { status: 403 });
    const registration = await readiness();
    expect(registration.problem()).toContain('may not watch it');
  });
});
