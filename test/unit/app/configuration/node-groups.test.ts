/** `mirrors.nodeGroups` through the configuration file and the command line, over real sockets. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { run } from '../../../../src/app/commands.ts';
import type { Io } from '../../../../src/cli/io.ts';
import { pod } from '../../../kit/fakes/pods.ts';
import type { ScriptedRegistry } from '../../../kit/fakes/scripted-registry.ts';
import { absent, asked, holding, multi } from '../../resolve/inspection/images.ts';
import { serving } from '../../resolve/inspection/harness.ts';

const both = multi('amd64', 'arm64');
const older = multi('amd64');

let folder: string;
let upstream: ScriptedRegistry;
let mirror: ScriptedRegistry;
let image: string;

beforeEach(async () => {
  upstream = await serving(holding({ tags: { '1': both, '2': both } }));
  mirror = await serving(holding({ tags: { '1': both, '2': older } }));
  image = `${upstream.host}/team/app`;
  folder = await mkdtemp(join(tmpdir(), 'pratique-groups-'));
  await mkdir(join(folder, 'certs.d', upstream.host), { recursive: true });
  const hosts = `server = "${upstream.origin}"\n[host."${mirror.origin}"]\ncapabilities = ["pull", "resolve"]\n`;
  await writeFile(join(folder, 'certs.d', upstream.host, 'hosts.toml'), hosts);
  await writeFile(
    join(folder, 'pratique.yaml'),
    `apiVersion: pratique.dev/v1alpha1
kind: Configuration
mirrors:
  nodeGroups:
    - { name: edge, nodeSelector: { site: edge }, containerd: { configPath: certs.d } }
    - { name: hut, nodeSelector: { site: hut }, containerd: { configPath: certs.d } }
`,
  );
});

afterEach(() => rm(folder, { recursive: true }));

interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function pratique(...args: readonly string[]): Promise<Ran> {
  const written = { stdout: '', stderr: '' };
  const output = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text;
    },
    isTerminal: false,
    colour: false,
    width: null,
  });
  const io: Io = {
    stdout: output('stdout'),
    stderr: output('stderr'),
    readStdin: () => Promise.resolve(new Uint8Array()),
    signal: new AbortController().signal,
  };
  const [verb = '', ...rest] = args;
  const config = ['--config', join(folder, 'pratique.yaml')];
  const status = await run([verb, ...config, ...rest], { version: 'test', environment: {} }, io);
  return { status, ...written };
}

async function json(...args: readonly string[]): Promise<Record<string, unknown>[]> {
  const { stdout } = await pratique(...args, '--output', 'json');
  return JSON.parse(stdout) as Record<string, unknown>[];
}

describe('endpoints', () => {
  test('prints a list for every node group without opening a connection', async () => {
    const lists = await json('endpoints', `${image}:1`);
    expect(lists).toMatchObject([
      { group: 'edge', endpoints: [{ role: 'mirror' }, { role: 'upstream' }] },
      { group: 'hut', endpoints: [{ role: 'mirror' }, { role: 'upstream' }] },
      { group: null, endpoints: [{ role: 'upstream' }] },
    ]);
    const { stdout } = await pratique('endpoints', `${image}:1`);
    expect(stdout.match(/\((?:node group edge|node group hut|nodes of no group)\)/g)).toHaveLength(3);
    expect(upstream.connections + mirror.connections).toBe(0);
  });

  test('prints an invalid reference once and not for every group', async () => {
    expect(await json('endpoints', 'a:b:c')).toMatchObject([{ group: null, reference: null }]);
  });
});

describe('inspect', () => {
  test('prints one object per image with the worst result of all groups and each group beside it', async () => {
    mirror.handle(() => absent);
    upstream.handle(() => absent);
    const [gone] = await json('inspect', `${image}:1`);
    expect(gone).toMatchObject({
      result: 'not-found',
      groups: [{ group: 'edge' }, { group: 'hut' }, { group: null }],
    });
    expect(gone?.['message']).toMatch(
      /^127\.0\.0\.1:\d+\/team\/app:1 \(node groups edge, hut and nodes of no group\) does not exist\. Check the tag, or push the image\. mirror /,
    );
  });

  test('inspects an image once per mirror list', async () => {
    await pratique('inspect', `${image}:1`);
    expect(asked(mirror.requests).filter((each) => each.endsWith('/1'))).toEqual(['HEAD manifests/1']);
    expect(asked(upstream.requests).filter((each) => each.endsWith('/1'))).toHaveLength(1);
  });

  test('prints a section for every group', async () => {
    const { status, stdout } = await pratique('inspect', '--platform', 'linux/arm64', `${image}:2`);
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /^\S+\/team\/app:2 {2}platform-missing\n {2}node group edge {2}platform-missing\n/,
    );
    expect(stdout).toMatch(/\n {2}nodes of no group {2}available\n/);
  });
});

describe('check', () => {
  const check = async (spec: object, tag: string): Promise<Record<string, unknown> | undefined> => {
    const built = pod('web').container(`${image}:${tag}`, { name: 'web' }).build();
    const object = { ...built, spec: { ...(built['spec'] as object), ...spec } };
    const file = join(folder, 'pod.json');
    await writeFile(file, JSON.stringify(object));
    return (await json('check', '-f', file))[0];
  };
  const pinned = (answer: Record<string, unknown> | undefined): unknown =>
    (answer as { images: { pinned: string }[] } | undefined)?.images[0]?.pinned;

  test('pins a pod that fits all groups only to the digest that the tag has in all of them', async () => {
    expect(pinned(await check({}, '1'))).toBe(`${image}:1@${both.digest}`);
    const differs = await check({}, '2');
    expect(pinned(differs)).toBe(`${image}:2`);
    expect(differs?.['warnings']).toEqual([
      expect.stringContaining(
        `is not pinned: its tag resolves to ${older.digest.slice(0, 19)} for node groups edge, hut, ${both.digest.slice(0, 19)} for nodes of no group`,
      ),
    ]);
  });

  test('pins a pod that fits one group to the digest that the tag has there', async () => {
    expect(pinned(await check({ nodeSelector: { site: 'edge' } }, '2'))).toBe(`${image}:2@${older.digest}`);
    expect(pinned(await check({ nodeSelector: { site: 'core' } }, '2'))).toBe(`${image}:2@${both.digest}`);
    expect(asked(mirror.requests)).toEqual(['HEAD manifests/2', `GET manifests/${older.digest}`]);
  });
});
