import { afterEach, describe, expect, test } from '@jest/globals';
import { createRegistry, defaultRegistryOptions } from '../../../../src/resolve/registry/client.ts';
import { scriptedRegistry, type Handler, type ScriptedRegistry } from '../../../fakes/scripted-registry.ts';
import { ask, endpoint, failureOf, manifestBody, manifestDigest, manifestType, served } from './asking.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function serving(handler: Handler): Promise<ScriptedRegistry> {
  const server = await scriptedRegistry(handler);
  open.push(server);
  return server;
}

function client(options: Partial<typeof defaultRegistryOptions> = {}) {
  const registry = createRegistry({ ...defaultRegistryOptions, ...options });
  open.push(registry);
  return registry;
}

describe('a manifest', () => {
  test('by tag: one request, verified, named by its header', async () => {
    const server = await serving(() => served);
    const asking = ask();
    const answer = await client().manifest(endpoint(server.origin), { tag: '1.27' }, asking);
    expect(answer.digest).toBe(manifestDigest);
    expect(answer.mediaType).toBe(manifestType);
    expect(Buffer.from(answer.body).toString()).toBe(manifestBody);
    expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /v2/library/nginx/manifests/1.27',
    ]);
    expect(asking.tally).toEqual({ requests: 1, tokenRequests: 0, status: 200 });
  });
  test('404', async () => {
    const server = await serving(() => ({ status: 404 }));
    const failure = await failureOf(client().manifest(endpoint(server.origin), { tag: '1.27' }, ask()));
    expect(failure).toMatchObject({ code: 'not-found', status: 404 });
  });
});
