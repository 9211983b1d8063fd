/** Hosts are judged by the address that is connected to. */
import { describe, expect, test } from '@jest/globals';
import { NameResolver } from '../../../../src/resolve/registry/transport/name-resolver.ts';
import { ask, client, endpoint, failureOf, latest, served, serving } from './asking.ts';

const source = { file: 'hosts.toml', line: 1 };

/** Every name without a dot has this address. */
function names(address: string): NameResolver {
  return new NameResolver({ lookup: () => Promise.resolve([{ address, family: 4 }]) });
}

describe('a mirror whose name resolves to a loopback address', () => {
  test('is not contacted where such an address means the node itself', async () => {
    const server = await serving(() => served);
    const pratique = client({ loopback: 'skip', names: names('127.0.0.1') });
    const at = endpoint(`http://mirror:${server.port}`, { source });
    const failure = await failureOf(pratique.head(at, latest, ask()));
    expect(failure).toMatchObject({ code: 'unavailable', reason: 'LoopbackAddress' });
    expect(server.connections).toBe(0);
  });

  test('is contacted where the operator wants it, or dials that address', async () => {
    const server = await serving(() => served);
    const at = endpoint(`http://mirror:${server.port}`, { source });
    const hosts = new Map([[`mirror:${server.port}`, server.host]]);
    const contacting = client({ loopback: 'contact', names: names('127.0.0.1') });
    const dialling = client({ loopback: 'skip', names: names('192.0.2.1'), hosts });
    for (const pratique of [contacting, dialling]) {
      expect((await pratique.head(at, latest, ask())).digest).not.toBeNull();
    }
  });
});

test('a registry that only an image names is not contacted in a denied network', async () => {
  const server = await serving(() => served);
  const pratique = client({ deniedAddresses: ['127.0.0.0/8'], names: names('127.0.0.1') });
  const unconfigured = endpoint(`http://registry:${server.port}`, { source: null });
  const failure = await failureOf(pratique.head(unconfigured, latest, ask()));
  expect(failure).toMatchObject({ code: 'malformed', reason: 'ForbiddenAddress' });
  expect(server.connections).toBe(0);
  const configured = endpoint(`http://registry:${server.port}`, { source });
  expect((await pratique.head(configured, latest, ask())).digest).not.toBeNull();
});
