/** The verbs as scripts and people use them: exit statuses, JSON, help, configuration. `check` has a file of its own. */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { EmbeddedRegistry } from '../kit/registries/embedded-registry.ts';
import { multiArch } from '../kit/registries/images.ts';
import { scriptedRegistry } from '../kit/fakes/scripted-registry.ts';
import { bin, cleanEnvironment, pratique } from '../kit/pratique/command.ts';
import { type NodeFiles, nodeFiles } from './support/node-files.ts';

jest.setTimeout(60_000);
const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

const image = multiArch(['linux/amd64', 'linux/arm64']);
const digest = image.root.digest;
let node: NodeFiles;
let config: readonly string[];
let upstream = '';

beforeAll(async () => {
  const registry = new EmbeddedRegistry().add('team/app', '1', image);
  upstream = await registry.start();
  cleanup.defer(() => registry.stop());
  const denying = cleanup.use(await scriptedRegistry(() => ({ status: 403 })));
  const broken = cleanup.use(await scriptedRegistry(() => ({ status: 500 })));
  const mirror = cleanup.use(await scriptedRegistry(() => ({ status: 404 })));
  node = cleanup.use(
    await nodeFiles({
      'registry.test': { server: upstream, mirrors: [mirror.origin] },
      'denying.test': { server: denying.origin },
      'broken.test': { server: broken.origin },
    }),
  );
  config = ['--config', node.configuration];
});

describe('exit statuses', () => {
  const [good, gone] = ['registry.test/team/app:1', 'registry.test/team/app:2'];
  const [denied, unavailable] = ['denying.test/app:1', 'broken.test/app:1'];
  const [nonsense, imageId] = ['registry.test/Team/app', `sha256:${'a'.repeat(64)}`];
  test.concurrent.each<[number, string, readonly string[]]>([
    [0, 'all are available', ['inspect', good, `registry.test/team/app@${digest}`]],
    [0, 'an image ID is nothing to check', ['inspect', imageId]],
    [0, 'the platform is there', ['inspect', '--platform', 'linux/arm64', good]],
    [1, 'one does not exist', ['inspect', good, gone]],
    [1, 'one is denied', ['inspect', denied]],
    [1, 'one cannot be parsed', ['inspect', good, nonsense]],
    [1, 'one is the reserved name', ['inspect', 'scratch']],
    [1, 'a platform is missing', ['inspect', '--platform', 'linux/s390x', good]],
    [1, 'one could not be asked, and one is worse', ['inspect', unavailable, gone]],
    [3, 'one could not be asked, and none is worse', ['inspect', good, unavailable]],
    [0, 'all can be parsed', ['endpoints', good, gone, denied]],
    [1, 'one cannot be parsed', ['endpoints', good, nonsense]],
  ])('%i: %s', async (status, _, [verb = '', ...args]) => {
    const finished = await pratique([verb, ...config, ...args]);
    expect(finished).toMatchObject({ status, stderr: '' });
    expect(finished.stdout).not.toBe('');
  });

  test.concurrent.each<[string, readonly string[]]>([
    ['no command given', []],
    ["unknown command 'inspekt'; did you mean inspect?", ['inspekt', 'nginx']],
    ["missing required argument 'IMAGE'", ['inspect']],
    ["missing required argument 'IMAGE'", ['endpoints']],
    ["required option '-f, --file <FILE>' not specified", ['check']],
    ["too many arguments for 'serve'", ['serve', 'now']],
    ["unknown option '--platforms'; did you mean --platform?", ['inspect', '--platforms', 'x', 'nginx']],
    ['Allowed choices are table, json', ['inspect', '-o', 'yaml', 'nginx']],
    ['is not KIND=PATH', ['endpoints', '--mirrors', 'podman=x', 'nginx']],
    ['--timeout must be a duration', ['inspect', '--timeout', '0s', 'nginx']],
    ['--platform', ['inspect', '--platform', 'linux/', 'nginx']],
    ['does not exist', ['inspect', '--config', '/nowhere.yaml', 'nginx']],
    ['is a directory', ['serve', '--config', '/tmp']],
    ['cannot be read', ['check', '-f', '/nowhere.yaml']],
  ])('2: %s', async (words, args) => {
    const { status, stdout, stderr } = await pratique(args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^pratique: /);
    expect(stderr).toContain(words);
  });
});

describe('help', () => {
  test.concurrent.each(['inspect', 'endpoints', 'check', 'serve'])('%s --help', async (verb) => {
    const { status, stdout, stderr } = await pratique([verb, '--help']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^Usage: pratique ${verb} `));
    expect(stdout).toContain('--config <FILE>');
  });

  test('--help names every verb, --version is the version of the package', async () => {
    const [help, version] = await Promise.all([pratique(['--help']), pratique(['--version'])]);
    for (const verb of ['inspect', 'endpoints', 'check', 'serve']) {
      expect(help.stdout).toMatch(new RegExp(`^  ${verb} `, 'm'));
    }
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('JSON', () => {
  test('of inspect', async () => {
    const { stdout } = await pratique([
      'inspect',
      ...config,
      '-o',
      'json',
      'registry.test/team/app:1',
      'no/Name',
    ]);
    const [found, invalid] = JSON.parse(stdout) as Record<string, unknown>[];
    expect(found).toEqual({
      image: 'registry.test/team/app:1',
      reference: 'registry.test/team/app:1',
      result: 'available',
      reason: null,
      digest,
      mediaType: image.root.mediaType,
      size: image.root.body.length,
      platforms: ['linux/amd64', 'linux/arm64'],
      missingPlatforms: [],
      endpoint: `${upstream}/v2`,
      stale: false,
      message: expect.any(String),
      warnings: [],
      endpoints: [
        {
          endpoint: expect.stringContaining('/v2'),
          role: 'mirror',
          repository: 'team/app',
          result: 'not-found',
          reason: null,
          status: 404,
          digest: null,
          platforms: null,
          message: expect.any(String),
          requests: 1,
          tokenRequests: 0,
          durationMs: expect.any(Number),
        },
        expect.objectContaining({ role: 'upstream', result: 'available', status: 200, digest }),
      ],
      groups: [],
    });
    expect(invalid).toMatchObject({ image: 'no/Name', reference: null, result: 'invalid', endpoints: [] });
    expect(Object.keys(invalid ?? {})).toEqual(Object.keys(found ?? {}));
  });

  test('of endpoints', async () => {
    const { stdout } = await pratique([
      'endpoints',
      ...config,
      '-o',
      'json',
      `registry.test/team/app:1@${digest}`,
    ]);
    const [listing] = JSON.parse(stdout) as { endpoints: Record<string, unknown>[] }[];
    expect(listing).toEqual({
      image: `registry.test/team/app:1@${digest}`,
      group: null,
      reference: {
        domain: 'registry.test',
        path: 'team/app',
        tag: '1',
        digest,
        canonical: `registry.test/team/app:1@${digest}`,
        familiar: `registry.test/team/app:1@${digest}`,
      },
      endpoints: [expect.objectContaining({ role: 'mirror' }), expect.objectContaining({ role: 'upstream' })],
      warnings: expect.any(Array),
      error: null,
    });
    expect(listing?.endpoints[0]).toMatchObject({
      capabilities: ['pull', 'resolve'],
      repository: 'team/app',
      tls: { ca: [], client: [], skipVerify: false },
      proxy: null,
      nodeLocal: true,
      source: expect.stringMatching(/certs\.d\/registry\.test\/hosts\.toml:3$/),
    });
  });
});

test('endpoints sends not a single packet, not to a proxy either', async () => {
  const registry = cleanup.use(await scriptedRegistry(() => ({})));
  const proxied = cleanup.use(await nodeFiles({ 'registry.test': { server: registry.origin } }));
  const environment = { HTTPS_PROXY: registry.origin, HTTP_PROXY: registry.origin };
  const images = ['registry.test/team/app:1', 'elsewhere.test/app:1', `${registry.host}/app:1`];
  const finished = await pratique(['endpoints', '--config', proxied.configuration, ...images], {
    environment,
  });
  expect(finished.status).toBe(0);
  expect(finished.stdout).toContain(registry.origin);
  expect(registry.connections).toBe(0);
});

describe('the configuration', () => {
  test('is $PRATIQUE_CONFIG where there is no --config', async () => {
    const broken = await node.write('broken.yaml', 'policy: [\n');
    const environment = { PRATIQUE_CONFIG: broken };
    const [wrong, right] = await Promise.all([
      pratique(['endpoints', 'registry.test/team/app:1'], { environment }),
      pratique(['endpoints', ...config, 'registry.test/team/app:1'], { environment }),
    ]);
    expect([wrong.status, wrong.stdout]).toEqual([2, '']);
    expect(wrong.stderr).toContain('broken.yaml:2:1: not valid YAML');
    expect(right.status).toBe(0);
    expect(right.stdout).toContain(upstream);
  });

  test('tells every mistake at once, with its place and the likely meaning', async () => {
    const file = await node.write(
      'wrong.yaml',
      'apiVersion: pratique.dev/v1alpha1\nkind: Configuration\npolicy:\n  mod: warn\n  pin: pod\ncache: { tagTTL: 1 }\n',
    );
    const { status, stdout, stderr } = await pratique(['inspect', '--config', file, 'nginx']);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('wrong.yaml:4:3: policy.mod: unknown key; did you mean "mode"?');
    expect(stderr).toContain('wrong.yaml:5:8: policy.pin:');
    expect(stderr).toContain('wrong.yaml:6:');
  });

  test('a mirror configuration that its owner could not read is told by file, line and column', async () => {
    await node.write('registries.conf', '[[registry]]\nlocation = "docker.io\n');
    const other = cleanup.use(
      await nodeFiles({}, { mirrors: { crio: { registriesConf: `${node.folder}/registries.conf` } } }),
    );
    const { status, stdout, stderr } = await pratique([
      'endpoints',
      '--config',
      other.configuration,
      'nginx',
    ]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/registries\.conf:2:\d+: /);
  });
});

describe('colour', () => {
  /** `script` of Debian's own base system lends it a terminal. */
  const onTerminal = (environment: Readonly<Record<string, string>>) =>
    spawnSync(
      '/usr/bin/script',
      ['-qec', `${bin} endpoints registry.test/Team ${config.join(' ')}`, '/dev/null'],
      {
        env: cleanEnvironment({ TERM: 'xterm', ...environment }),
        encoding: 'utf8',
      },
    );

  test('is for terminals, and for those who want it', async () => {
    expect(onTerminal({}).stdout).toContain('\u001b[31m');
    expect(onTerminal({ NO_COLOR: '1' }).stdout).not.toContain('\u001b');
    expect(onTerminal({ TERM: 'dumb' }).stdout).not.toContain('\u001b');
    const piped = await pratique(['endpoints', ...config, 'registry.test/Team']);
    expect(piped.stdout).toContain('invalid');
    expect(piped.stdout).not.toContain('\u001b');
  });
});
