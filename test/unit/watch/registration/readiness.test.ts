import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KubernetesError } from '../../../../src/watch/kubernetes/api.ts';
import { Registration } from '../../../../src/watch/registration/readiness.ts';
import { type MemoryApi, memoryApi } from './memory-api.ts';
import { configuration, mutating, pem, register, validating, own } from './registrations.ts';

let api: MemoryApi;
let stop: AbortController;
let asked: string[];
beforeEach(() => {
  api = memoryApi();
  stop = new AbortController();
  asked = [];
});
afterEach(() => stop.abort());

/** Trusts the bundle `good`. */
function registration(fillsBundles = true): Registration {
  const made = new Registration({
    api,
    own,
    fillsBundles,
    whyUntrusted: (bundle, host) => {
      asked.push(host);
      return bundle === pem('good') ? null : 'not issued by it';
    },
    checkEveryMs: 1,
  });
  void made.run(stop.signal);
  return made;
}

/** Some looks later. */
async function looked(): Promise<void> {
  const before = api.requests.length;
  while (api.requests.length < before + 6) await new Promise((resolve) => setTimeout(resolve, 1));
}

const withInjector = (object: Record<string, unknown>) => ({
  ...object,
  metadata: {
    name: 'pratique',
    annotations: { 'cert-manager.io/inject-ca-from': 'pratique-system/pratique' },
  },
});

describe('Registration', () => {
  test('before the first look nobody knows', () => {
    const made = registration();
    expect(made.problem()).toContain('not read yet');
    expect(made.mutates('shop')).toBeNull();
  });

  test('not registered at all: ready, and pods come unasked', async () => {
    const made = registration();
    await looked();
    expect(made.problem()).toBeNull();
    expect(made.mutates('shop')).toBe(false);
  });

  test.each<[string, () => void, string | null]>([
    ['trusted', () => register(api, mutating, configuration({ name: 'a', bundle: pem('good') })), null],
    [
      'no bundle yet',
      () => register(api, mutating, configuration({ name: 'a' })),
      'the caBundle of a is still empty',
    ],
    [
      'the bundle of somebody else',
      () => register(api, mutating, configuration({ name: 'a', bundle: pem('bad') })),
      'is not trusted by a: not issued by it',
    ],
    [
      'one of two webhooks',
      () =>
        register(
          api,
          mutating,
          configuration({ name: 'a', bundle: pem('good') }, { name: 'b', bundle: pem('bad') }),
        ),
      'is not trusted by b',
    ],
    [
      'the validating one only',
      () => register(api, validating, configuration({ name: 'v', bundle: pem('bad') })),
      'ValidatingWebhookConfiguration pratique',
    ],
  ])('%s', async (_, given, problem) => {
    given();
    const made = registration();
    await looked();
    if (problem === null) expect(made.problem()).toBeNull();
    else expect(made.problem()).toContain(problem);
  });

  test.each([
    ['a Service', configuration({ name: 'a', bundle: pem('good') }), 'pratique.pratique-system.svc'],
    ['a URL', configuration({ name: 'a', bundle: pem('good'), url: 'https://[::1]:9443/x' }), '::1'],
  ])('the certificate is asked for the name of %s', async (_, object, host) => {
    register(api, mutating, object);
    const made = registration();
    await looked();
    expect(made.problem()).toBeNull();
    expect(new Set(asked)).toEqual(new Set([host]));
  });

  test('an empty bundle that nobody promised to fill may be right: a public authority', async () => {
    register(api, mutating, configuration({ name: 'a' }));
    const made = registration(false);
    await looked();
    expect(made.problem()).toBeNull();
  });

  test('one that cert-manager was asked to fill is waited for', async () => {
    register(api, mutating, withInjector(configuration({ name: 'a' })));
    const made = registration(false);
    await looked();
    expect(made.problem()).toContain('still empty');
  });

  test('namespaces that the mutating webhook leaves out are not asked about, others are', async () => {
    const excludes = ['infra', 'legacy'];
    register(api, mutating, configuration({ name: 'a', bundle: pem('good'), excludes }));
    register(api, validating, configuration({ name: 'v', bundle: pem('good') }));
    const made = registration();
    await looked();
    expect(['infra', 'legacy', 'shop'].map((name) => made.mutates(name))).toEqual([false, false, true]);
  });

  test('the validating webhook alone leaves no verdict in pods', async () => {
    register(api, validating, configuration({ name: 'v', bundle: pem('good') }));
    const made = registration();
    await looked();
    expect(made.mutates('shop')).toBe(false);
  });

  test('while the API server cannot be asked, what was seen last holds', async () => {
    register(api, mutating, configuration({ name: 'a', bundle: pem('good') }));
    const made = registration();
    await looked();
    api.failure = new KubernetesError('Unreachable', 'connection refused');
    await looked();
    expect(made.problem()).toBeNull();
    expect(made.mutates('shop')).toBe(true);
  });

  test('and at the start it is told why nothing is known', async () => {
    api.failure = new KubernetesError('Forbidden', 'may not get it', { status: 403 });
    const made = registration();
    await looked();
    expect(made.problem()).toContain('may not get it');
  });
});
