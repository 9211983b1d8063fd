/** The configuration and what it names change while the process serves: taken when good, refused when bad, nothing lost. */
import { appendFile, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { multiArch } from '../kit/registries/images.ts';
import { pod } from '../kit/fakes/pods.ts';
import { type Answer, type ScriptedRegistry, scriptedRegistry } from '../kit/fakes/scripted-registry.ts';
import { admit } from '../kit/pratique/admission.ts';
import { listeners, type NodeFiles, nodeFiles, type Sections } from './support/node-files.ts';
import { type Server, startServer } from '../kit/pratique/server.ts';

// A change is taken when it was seen twice, a second apart: the tests wait side by side, each with a server of its own.
jest.setTimeout(60_000);
const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

const images = {
  old: multiArch(['linux/amd64'], { salt: 'old' }),
  next: multiArch(['linux/amd64'], { salt: 'next' }),
};

function serving({ root }: typeof images.old): Answer {
  return {
    headers: { 'content-type': root.mediaType, 'docker-content-digest': root.digest },
    body: root.body,
  };
}

/** Two registries, where every image is another one. */
interface Stage {
  readonly old: ScriptedRegistry;
  readonly next: ScriptedRegistry;
  readonly node: NodeFiles;
}

async function stage(sections: Sections = {}): Promise<Stage> {
  const old = cleanup.use(await scriptedRegistry(() => serving(images.old)));
  const next = cleanup.use(await scriptedRegistry(() => serving(images.next)));
  const node = cleanup.use(await nodeFiles({ 'registry.test': { server: old.origin } }, sections));
  return { old, next, node };
}

async function serverOf(node: NodeFiles): Promise<Server> {
  return cleanup.use(await startServer(node.configuration));
}

const image = 'registry.test/team/app:1';

/** What `name` is pinned to; undefined when it is not. */
async function pinOf(server: Server, name = image): Promise<unknown> {
  const { patch } = await admit(server, '/mutate', pod('web').container(name).build());
  return patch.find(({ path }) => path === '/spec/containers/0/image')?.value;
}

const oldPin = (name = image) => `${name}@${images.old.root.digest}`;
const nextPin = (name = image) => `${name}@${images.next.root.digest}`;

const success = 'pratique_config_reloads_total{outcome="success"}';
const failure = 'pratique_config_reloads_total{outcome="failure"}';
const healthy = 'pratique_config_last_reload_successful';

describe('hosts.toml', () => {
  test.concurrent('a new one is in use within seconds, and no answer of the old list is', async () => {
    const { node, next } = await stage();
    const server = await serverOf(node);
    expect(await pinOf(server)).toBe(oldPin());
    const began = performance.now();
    await node.hosts('registry.test', { server: next.origin });
    await server.event('configuration-loaded', 2);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(await pinOf(server)).toBe(nextPin());
    expect(await server.metric(success)).toBe(2);
  });

  test.concurrent('one for a registry that had none is found', async () => {
    const { node, next } = await stage();
    const server = await serverOf(node);
    await node.hosts('other.test', { server: next.origin });
    await server.event('configuration-loaded', 2);
    expect(await pinOf(server, 'other.test/team/app:1')).toBe(nextPin('other.test/team/app:1'));
  });

  test.concurrent('work in flight keeps its list, and is not lost', async () => {
    const { node, old, next } = await stage({
      registry: { endpointTimeout: '15s' },
      server: { ...listeners, webhook: { ...listeners.webhook, deadline: '15s' } },
    });
    const server = await serverOf(node);
    const held = Promise.withResolvers<Answer>();
    old.handle(() => held.promise);
    const names = Array.from({ length: 10 }, (_, n) => `registry.test/team/app-${n}:1`);
    const inFlight = names.map((name) => pinOf(server, name));
    while (old.requests.length < names.length) await sleep(10);
    await node.hosts('registry.test', { server: next.origin });
    await server.event('configuration-loaded', 2);
    expect(await pinOf(server)).toBe(nextPin());
    const asked = next.requests.length;
    held.resolve(serving(images.old));
    expect(await Promise.all(inFlight)).toEqual(names.map(oldPin));
    expect(next.requests).toHaveLength(asked);
  });

  test.concurrent('in a volume of Kubernetes: the swap of ..data is noticed', async () => {
    const { node, old, next } = await stage({ mirrors: { containerd: { configPath: 'volume/certs.d' } } });
    const at = (name: string) => join(node.folder, 'volume', name);
    const version = async (name: string, { origin }: ScriptedRegistry) => {
      await mkdir(at(`..${name}/certs.d/registry.test`), { recursive: true });
      await writeFile(at(`..${name}/certs.d/registry.test/hosts.toml`), `server = "${origin}"\n`);
      await rm(at('..data_tmp'), { force: true });
      await symlink(`..${name}`, at('..data_tmp'));
      await rename(at('..data_tmp'), at('..data'));
    };
    await version('first', old);
    await symlink('..data/certs.d', at('certs.d'));
    const server = await serverOf(node);
    expect(await pinOf(server)).toBe(oldPin());
    await version('second', next);
    await server.event('configuration-loaded', 2);
    expect(await pinOf(server)).toBe(nextPin());
  });
});

describe('the configuration itself', () => {
  test.concurrent('a new policy counts, and costs no request for what is known', async () => {
    const { node, old } = await stage();
    const server = await serverOf(node);
    expect(await pinOf(server)).toBe(oldPin());
    const asked = old.requests.length;
    await node.configure({ policy: { rules: [{ images: ['**'], pin: 'off' }] } });
    await server.event('configuration-loaded', 2);
    expect(await pinOf(server)).toBeUndefined();
    expect(old.requests).toHaveLength(asked);
  });

  const head = 'apiVersion: pratique.dev/v1alpha1\nkind: Configuration\n';
  test.concurrent.each<[string, string, string]>([
    ['no YAML', 'apiVersion: [\n', 'pratique.yaml:2:1: not valid YAML'],
    ['a key that does not exist', `${head}policy:\n  mod: warn\n`, 'pratique.yaml:4:3: policy.mod'],
    ['mirrors that are not there', `${head}mirrors: { containerd: { configPath: gone } }\n`, 'gone: no such'],
  ])('%s: refused; the old one serves; a good one heals it', async (_, text, words) => {
    const { node } = await stage();
    const server = await serverOf(node);
    await node.write('pratique.yaml', text);
    const refused = await server.event('configuration-rejected');
    expect(refused).toMatchObject({ level: 'error', file: node.configuration });
    expect(refused['error']).toContain(words);
    expect([await server.metric(failure), await server.metric(healthy)]).toEqual([1, 0]);
    expect(await pinOf(server)).toBe(oldPin());
    await node.configure({});
    await server.event('configuration-loaded', 2);
    expect([await server.metric(success), await server.metric(healthy)]).toEqual([2, 1]);
  });

  test.concurrent('its removal is refused; the old one serves; its return heals it', async () => {
    const { node } = await stage();
    const server = await serverOf(node);
    await rename(node.configuration, `${node.configuration}.away`);
    expect((await server.event('configuration-rejected'))['error']).toContain('does not exist');
    expect(await pinOf(server)).toBe(oldPin());
    await rename(`${node.configuration}.away`, node.configuration);
    await server.event('configuration-loaded', 2);
    expect(await server.metric(healthy)).toBe(1);
  });

  test.concurrent('one that is being written is left to settle', async () => {
    const { node } = await stage();
    const server = await serverOf(node);
    await writeFile(node.configuration, '');
    for (const line of [
      head,
      'mirrors: { containerd: { configPath: certs.d',
      '} }\npolicy: { pin: ',
      '"off" }',
    ]) {
      await appendFile(node.configuration, line);
      await sleep(500);
    }
    await server.event('configuration-loaded', 2);
    expect(server.log.map(({ event }) => event)).not.toContain('configuration-rejected');
    expect(await pinOf(server)).toBeUndefined();
  });
});

describe('the other formats: what their owners could not read either is refused with its place', () => {
  interface Format {
    readonly file: string;
    readonly mirrors: Sections;
    readonly good: (mirror: ScriptedRegistry) => string;
    readonly bad: string;
    readonly place: string;
    readonly image: string;
  }
  test.concurrent.each<Format>([
    {
      file: 'registries.conf',
      mirrors: { crio: { registriesConf: 'registries.conf' } },
      good: ({ host }) =>
        `[[registry]]\nlocation = "registry.test"\n[[registry.mirror]]\nlocation = "${host}"\ninsecure = true\n`,
      bad: '[[registry]]\nlocation = "registry\n',
      place: 'registries.conf:2:',
      image,
    },
    {
      file: 'registries.yaml',
      mirrors: { k3s: { registriesYaml: 'registries.yaml' } },
      good: ({ origin }) => `mirrors:\n  registry.test:\n    endpoint: ["${origin}"]\n`,
      bad: 'mirrors:\n  registry.test:\n  endpoint: ]\n',
      place: 'registries.yaml:3:',
      image,
    },
    {
      file: 'daemon.json',
      mirrors: { docker: { daemonJson: 'daemon.json' } },
      good: ({ origin }) => JSON.stringify({ 'registry-mirrors': [origin] }),
      bad: '{\n  "registry-mirrors": [,]\n}\n',
      place: 'daemon.json:2:',
      image: 'docker.io/team/app:1',
    },
  ])('$file', async ({ file, mirrors, good, bad, place, image }) => {
    const { node, old, next } = await stage({ mirrors });
    await node.write(file, good(old));
    const server = await serverOf(node);
    expect(await pinOf(server, image)).toBe(oldPin(image));
    await node.write(file, bad);
    expect((await server.event('configuration-rejected'))['error']).toContain(place);
    expect(await pinOf(server, image)).toBe(oldPin(image));
    await node.write(file, good(next));
    await server.event('configuration-loaded', 2);
    expect(await pinOf(server, image)).toBe(nextPin(image));
  });
});

describe('what is worth a word', () => {
  test.concurrent('quirks of the mirror configuration are logged once, when an image meets them', async () => {
    const { node, old } = await stage();
    await node.write('certs.d/registry.test/hosts.toml', `server = "${old.origin}"\nsurprise = true\n`);
    const server = await serverOf(node);
    await pinOf(server);
    await pinOf(server, 'registry.test/team/other:1');
    expect(await server.event('configuration-warning')).toMatchObject({ code: 'UnknownKey' });
    expect(server.log.filter(({ event }) => event === 'configuration-warning')).toHaveLength(1);
  });

  test.concurrent('other listeners need a restart, and the log says so', async () => {
    const { node } = await stage({ log: { level: 'info' } });
    const server = await serverOf(node);
    const listen = { webhook: { listen: '127.0.0.1:0' }, metrics: { listen: 'localhost:0' } };
    await node.configure({ server: listen });
    await server.event('configuration-loaded', 2);
    expect(await server.event('configuration-warning')).toMatchObject({ code: 'RestartNeeded' });
  });
});
