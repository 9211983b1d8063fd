import { describe, expect, test } from '@jest/globals';
import { anonymous } from '../../../../src/resolve/credentials/credential.ts';
import { loadContainerdHosts } from '../../../../src/resolve/endpoints/containerd/hosts-toml/load-hosts.ts';
import { loadCrio } from '../../../../src/resolve/endpoints/crio/load-crio.ts';
import { allProfiles } from '../../../../src/resolve/endpoints/runtime/runtime-profile.ts';
import type { MirrorList } from '../../../../src/resolve/endpoints/endpoint.ts';
import { loadOpenshift } from '../../../../src/resolve/endpoints/openshift/load-openshift.ts';
import { InvalidReference } from '../../../../src/resolve/reference/error.ts';
import { parseReference } from '../../../../src/resolve/reference/parse.ts';
import { memoryFiles } from '../../../kit/fakes/memory-files.ts';
import type { Handler, ScriptedRegistry } from '../../../kit/fakes/scripted-registry.ts';
import { absent, asked, holding, multi } from './images.ts';
import { listOf, pair, results, serving, stage } from './harness.ts';

const both = multi('amd64', 'arm64');
const has: Handler = holding({ tags: { '1': both } });

interface Registries {
  readonly mirror: ScriptedRegistry;
  readonly upstream: ScriptedRegistry;
  /** An image of the upstream. */
  readonly image: string;
}

async function registries(mirror: Handler = has, upstream: Handler = has): Promise<Registries> {
  const servers = { mirror: await serving(mirror), upstream: await serving(upstream) };
  return { ...servers, image: `${servers.upstream.host}/team/app` };
}

/** containerd's tree with one hosts.toml for the upstream. */
function hostsToml(
  { upstream }: Registries,
  text: string,
  more: Readonly<Record<string, string>> = {},
): MirrorList {
  const own = `certs.d/${upstream.host}/hosts.toml`;
  return loadContainerdHosts(
    { configPath: 'certs.d', version: '2.1', pathMap: {} },
    memoryFiles({ [own]: text, ...more }),
  );
}

describe("case 36: the nodes' own configuration", () => {
  test('a pull-only mirror is not asked for a tag, and is for a digest', async () => {
    const servers = await registries();
    const { mirror, upstream, image } = servers;
    const text = `server = "${upstream.origin}"\n[host."${mirror.origin}"]\ncapabilities = ["pull"]\n`;
    const { inspect } = stage(hostsToml(servers, text));
    expect(results(await inspect(`${image}:1`))).toBe('skipped/Capability, available');
    expect(mirror.requests).toEqual([]);
    // The tag came from the upstream, which serves digests too: nothing more is asked.
    expect(results(await inspect(`${image}@${both.digest}`))).toBe('available');
    expect(results(await inspect(`${image}@${both.parts[0]?.digest}`))).toBe('available');
    expect(asked(mirror.requests)[0]).toBe(`GET manifests/${both.parts[0]?.digest}`);
  });

  test('a misspelt capability: the whole file is ignored, zero packets to the mirror', async () => {
    const servers = await registries();
    const text = `[host."${servers.mirror.origin}"]\ncapabilities = ["pull", "resolv"]\n`;
    const { inspect } = stage(hostsToml(servers, text));
    expect((await inspect(`${servers.image}:1`)).endpoint).toContain(servers.upstream.host);
    expect(servers.mirror.requests).toEqual([]);
  });

  test('server omitted: the upstream itself comes last', async () => {
    const servers = await registries(() => absent);
    const { inspect } = stage(hostsToml(servers, `[host."${servers.mirror.origin}"]\n`));
    const inspection = await inspect(`${servers.image}:1`);
    expect(results(inspection)).toBe('not-found, available');
    expect(inspection.warnings.map(({ code }) => code)).toContain('ServerOmitted');
  });

  test('an empty directory hides the default one', async () => {
    const servers = await registries();
    const files = {
      [`certs.d/${servers.upstream.host}/`]: '',
      'certs.d/_default/hosts.toml': `[host."${servers.mirror.origin}"]\n`,
    };
    const { inspect } = stage(
      loadContainerdHosts({ configPath: 'certs.d', version: '2.1', pathMap: {} }, memoryFiles(files)),
    );
    expect((await inspect(`${servers.image}:1`)).endpoint).toContain(servers.upstream.host);
    expect(servers.mirror.requests).toEqual([]);
  });

  test('a wildcard that is longer than the exact prefix wins', async () => {
    const [wild, exact] = [await serving(has), await serving(has)];
    const conf = (prefix: string, location: string): string =>
      `[[registry]]\nprefix = "${prefix}"\nlocation = "${location}"\ninsecure = true\n`;
    const registriesConf = conf('*.example.com', wild.host) + conf('a.example.com', exact.host);
    const list = loadCrio(
      { registriesConf: 'registries.conf', dropIns: null, crioConf: null, version: 'auto', pathMap: {} },
      memoryFiles({ 'registries.conf': registriesConf }),
    );
    expect(await stage(list).inspect('a.example.com:1')).toMatchObject({
      reference: { path: expect.any(String) },
    });
    expect((await stage(list).inspect('a.example.com/team/app:1')).result).toBe('available');
    expect([wild.requests.length > 0, exact.requests.length]).toEqual([true, 0]);
  });

  test('a digest-only mirror is not asked for a tag', async () => {
    const { mirror, upstream } = await registries();
    const text = `[[registry]]\nlocation = "${upstream.host}"\ninsecure = true\n[[registry.mirror]]\nlocation = "${mirror.host}"\ninsecure = true\npull-from-mirror = "digest-only"\n`;
    const list = loadCrio(
      { registriesConf: 'registries.conf', dropIns: null, crioConf: null, version: 'auto', pathMap: {} },
      memoryFiles({ 'registries.conf': text }),
    );
    const { inspect } = stage(list);
    expect((await inspect(`${upstream.host}/team/app:1`)).endpoint).toContain(upstream.host);
    expect(mirror.requests).toEqual([]);
    const child = both.parts[0]?.digest;
    expect((await inspect(`${upstream.host}/team/app@${child}`)).endpoint).toContain(mirror.host);
  });

  test('what a tag-only mirror served proves nothing for the digest: the upstream is asked for it', async () => {
    const { mirror, upstream } = await registries(has, () => absent);
    const text = `[[registry]]\nlocation = "${upstream.host}"\ninsecure = true\n[[registry.mirror]]\nlocation = "${mirror.host}"\ninsecure = true\npull-from-mirror = "tag-only"\n`;
    const list = loadCrio(
      { registriesConf: 'registries.conf', dropIns: null, crioConf: null, version: 'auto', pathMap: {} },
      memoryFiles({ 'registries.conf': text }),
    );
    const { inspect } = stage(list);
    expect((await inspect(`${upstream.host}/team/app:1`)).endpoint).toContain(mirror.host);
    expect((await inspect(`${upstream.host}/team/app:1@${both.digest}`)).result).toBe('not-found');
    expect(asked(upstream.requests).at(-1)).toBe(`GET manifests/${both.digest}`);
  });

  test('a never-contact source with dead mirrors: unavailable, zero packets to the source', async () => {
    const { mirror, upstream } = await registries();
    await mirror.close();
    const yaml = `apiVersion: config.openshift.io/v1
kind: ImageTagMirrorSet
metadata: { name: x }
spec:
  imageTagMirrors:
    - source: ${upstream.host}/team
      mirrors: [${mirror.host}/team]
      mirrorSourcePolicy: NeverContactSource
`;
    const list = loadOpenshift(
      { mirrorSets: 'sets.yaml', version: 'auto', pathMap: {} },
      memoryFiles({ 'sets.yaml': yaml }),
    );
    const inspection = await stage(list).inspect(`${upstream.host}/team/app:1`);
    expect(inspection.result).toBe('unavailable');
    expect(inspection.attempts.at(-1)).toMatchObject({ result: 'skipped', reason: 'Blocked' });
    expect(upstream.connections).toBe(0);
  });
});

describe('endpoints that may not be asked', () => {
  const name = 'registry.test/team/app:1';

  test('an upstream that registry.allowedHosts does not list: zero packets, and the message says so', async () => {
    const limits = { loopback: 'contact', allowedHosts: ['*.corp'] } as const;
    const { inspect, upstream } = await pair(() => absent, has, { limits });
    const inspection = await inspect(name);
    expect(results(inspection)).toBe('not-found, skipped/Blocked');
    expect(inspection.result).toBe('not-found');
    expect(inspection.message).toContain('registry.allowedHosts does not list registry.test');
    expect(upstream.connections).toBe(0);
  });

  test('nothing left to ask is its own error', async () => {
    const limits = { loopback: 'contact', allowedHosts: [] } as const;
    const upstream = await serving(has);
    const blocked = await stage(listOf([upstream.origin]), { limits }).inspect(name);
    expect(blocked).toMatchObject({ result: 'not-found', reason: 'Blocked' });
    const nowhere = await stage({
      id: '',
      profiles: allProfiles,
      endpoints: () => ({ endpoints: [], warnings: [] }),
    }).inspect(name);
    expect(nowhere).toMatchObject({ result: 'not-found', reason: 'NoEndpoint' });
    expect(nowhere.message).toContain('no endpoints found for registry.test/team/app');
  });

  test('node-local endpoints are skipped where nobody can see them, and are never a failure', async () => {
    const limits = { loopback: 'skip', allowedHosts: ['**'] } as const;
    const [local, upstream] = [await serving(has), await serving(() => absent)];
    const origins = [local.origin, upstream.origin];
    const { inspect } = stage(listOf(origins, [{ nodeLocal: true }]), { limits });
    expect(await inspect(name)).toMatchObject({
      result: 'not-found',
      attempts: [{ reason: 'NodeLocal' }, {}],
    });
    const only = await stage(listOf([local.origin], [{ nodeLocal: true }]), { limits }).inspect(name);
    expect(only).toMatchObject({ result: 'unavailable', reason: 'NodeLocalOnly' });
    expect(local.connections).toBe(0);
  });
});

describe('many at once, and a configuration that changes', () => {
  const name = 'registry.test/team/app:1';
  const slow: Handler = async (request) => ({ ...(await has(request)), delayMs: 100 });

  test('case 37: 50 pods with the same reference at once: one resolution; others do not share it', async () => {
    const { inspect, mirror } = await pair(slow, slow);
    const other = { ...anonymous, id: 'other' };
    const all = await Promise.all([
      ...Array.from({ length: 50 }, () => inspect(name)),
      inspect(name, { credentials: other }),
    ]);
    expect(new Set(all.map(({ digest }) => digest))).toEqual(new Set([both.digest]));
    expect(asked(mirror.requests)).toEqual(['GET manifests/1', 'GET manifests/1']);
  });

  test('case 38: a configuration replaced in mid-flight: work in flight keeps the old list, none is lost', async () => {
    const before = await pair(slow, slow);
    const flying = Promise.all(Array.from({ length: 10 }, () => before.inspect(name)));
    const replacement = await serving(has);
    const { cache, health, registry } = before.options;
    const after = stage(listOf([replacement.origin]), { cache, health, registry });
    expect((await after.inspect(name)).endpoint).toBe(`${replacement.origin}/v2`);
    for (const inspection of await flying) expect(inspection.endpoint).toBe(`${before.mirror.origin}/v2`);
    // Each list keeps its own answers.
    expect(after.peek(name)?.endpoint).toBe(`${replacement.origin}/v2`);
    expect(before.peek(name)?.endpoint).toBe(`${before.mirror.origin}/v2`);
  });
});

describe('case 40: names that no registry is asked for', () => {
  test.each(['scratch', 'scratch:1', 'docker.io/library/scratch', ''])(
    '%j is refused before any packet',
    (image) => {
      expect(() => parseReference(image)).toThrow(InvalidReference);
    },
  );

  test('example.com/scratch is a name like any other', async () => {
    const { inspect } = await pair(has, has);
    expect((await inspect('example.com/scratch:1')).result).toBe('available');
  });
});
