import { describe, expect, test } from '@jest/globals';
import { loadDockerd } from '../../../../../src/resolve/endpoints/dockerd/load-dockerd.ts';
import { memoryFiles } from '../../../../kit/fakes/memory-files.ts';
import { asked, codes, listOf, thrown } from '../summary.ts';

interface Given {
  readonly store?: boolean;
  readonly files?: Readonly<Record<string, string>>;
}

const certs = '/etc/docker/certs.d';

function load(daemon: object | string, { store = false, files = {} }: Given = {}) {
  const text = typeof daemon === 'string' ? daemon : JSON.stringify(daemon, null, 2);
  return loadDockerd(
    { daemonJson: 'daemon.json', certsDir: certs, containerdStore: store, version: 'auto', pathMap: {} },
    memoryFiles({ 'daemon.json': text, ...files }),
  );
}

const hub = { 'registry-mirrors': ['https://hub.corp.test', 'http://cache.corp.test:5000/hub'] };

describe('dockerd with graph drivers', () => {
  test('Docker Hub is asked last, after its mirrors in their order', () => {
    expect(asked(load(hub), 'nginx')).toEqual([
      'https://hub.corp.test/v2 library/nginx',
      'http://cache.corp.test:5000/hub/v2 library/nginx',
      'https://registry-1.docker.io/v2 library/nginx',
    ]);
  });

  test('mirrors serve Docker Hub only and get no ns=', () => {
    expect(asked(load(hub), 'quay.io/team/app')).toEqual(['https://quay.io/v2 team/app']);
    expect(listOf(load(hub), 'nginx').endpoints.map(({ namespace }) => namespace)).toEqual([
      null,
      null,
      null,
    ]);
  });

  test('the source of an endpoint is its line, and the default has none', () => {
    expect(listOf(load(hub), 'nginx').endpoints.map(({ source, role }) => [role, source])).toEqual([
      ['mirror', { file: 'daemon.json', line: 3 }],
      ['mirror', { file: 'daemon.json', line: 4 }],
      ['upstream', null],
    ]);
  });

  test('an insecure registry is not verified and may fall back to http', () => {
    const [endpoint] = listOf(
      load({ 'insecure-registries': ['lab.corp.test:5000'] }),
      'lab.corp.test:5000/app',
    ).endpoints;
    expect(endpoint).toMatchObject({
      url: 'https://lab.corp.test:5000/v2',
      plainFallback: ['AnyFailure'],
      source: { line: 3 },
    });
    expect(endpoint?.tls.skipVerify).toBe(true);
  });

  test('an insecure mirror is not verified, but never asked by another scheme', () => {
    const [mirror] = listOf(load({ ...hub, 'insecure-registries': ['hub.corp.test'] }), 'nginx').endpoints;
    expect(mirror).toMatchObject({ plainFallback: [], tls: { skipVerify: true } });
  });

  test('a loopback registry is insecure without being listed', () => {
    const [endpoint] = listOf(load({}), 'localhost:5000/app').endpoints;
    expect(endpoint).toMatchObject({
      plainFallback: ['AnyFailure'],
      nodeLocal: true,
      source: null,
      tls: { skipVerify: true },
    });
  });

  test('certificates of a host are read from certs.d, also for mirrors', () => {
    const files = {
      [`${certs}/hub.corp.test/ca.crt`]: 'CA',
      [`${certs}/hub.corp.test/me.cert`]: 'CERT',
      [`${certs}/hub.corp.test/me.key`]: 'KEY',
    };
    const [mirror] = listOf(load(hub, { files }), 'nginx').endpoints;
    expect(mirror?.tls).toMatchObject({
      caPem: ['CA'],
      clientPem: [{ cert: 'CERT', key: 'KEY' }],
      skipVerify: false,
    });
    expect(mirror?.skip).toBeNull();
  });

  test.each(['me.cert', 'me.key'])('%s without its other half skips the endpoint', (name) => {
    const files = { [`${certs}/quay.io/${name}`]: 'HALF' };
    const [endpoint] = listOf(load({}, { files }), 'quay.io/app').endpoints;
    expect(endpoint?.skip).toMatchObject({ reason: 'FileMissing' });
  });

  test("an insecure host's certificates are not read, and Docker Hub's cannot be set", () => {
    const files = { [`${certs}/lab.corp.test/me.key`]: 'HALF', [`${certs}/docker.io/ca.crt`]: 'CA' };
    const mirrors = load({ 'insecure-registries': ['lab.corp.test'] }, { files });
    expect(listOf(mirrors, 'lab.corp.test/app').endpoints[0]?.skip).toBeNull();
    expect(listOf(mirrors, 'nginx').endpoints[0]?.tls.caPem).toEqual([]);
  });

  test('certs.d is found through the path map by its name on the node', () => {
    const mirrors = loadDockerd(
      {
        daemonJson: 'daemon.json',
        certsDir: certs,
        containerdStore: false,
        version: 'auto',
        pathMap: { '/etc': '/host/etc' },
      },
      memoryFiles({ 'daemon.json': '{}', [`/host${certs}/quay.io/ca.crt`]: 'CA' }),
    );
    expect(listOf(mirrors, 'quay.io/app').endpoints[0]?.tls).toMatchObject({
      ca: [`${certs}/quay.io/ca.crt`],
      caPem: ['CA'],
    });
  });

  test.each([
    ['MirrorPath', 'https://hub.corp.test/v2', 'https://hub.corp.test/v2/v2'],
    ['MirrorScheme', 'HTTPS://hub.corp.test', 'https://HTTPS://hub.corp.test/v2'],
  ])('%s: %s is asked at %s, with a warning', (code, mirror, url) => {
    const mirrors = load({ 'registry-mirrors': [mirror] });
    expect(codes(mirrors, 'nginx')).toEqual([code]);
    expect(listOf(mirrors, 'nginx').endpoints[0]?.url).toBe(url);
  });

  test.each(['https://', 'https://hub.corp.test:99999'])(
    '%s is accepted by dockerd and cannot be asked',
    (mirror) => {
      const mirrors = load({ 'registry-mirrors': [mirror] });
      expect(codes(mirrors, 'nginx')).toEqual(['MirrorUnusable']);
      expect(asked(mirrors, 'nginx')).toEqual(['https://registry-1.docker.io/v2 library/nginx']);
    },
  );

  test('a network gives a warning for names, which are not looked up, and not for addresses', () => {
    const mirrors = load({ 'insecure-registries': ['10.0.0.0/8'] });
    expect(codes(mirrors, 'lab.corp.test/app')).toEqual(['InsecureNetwork']);
    expect(codes(mirrors, '10.1.2.3:5000/app')).toEqual([]);
    expect(codes(mirrors, 'nginx')).toEqual([]);
  });
});

describe('dockerd with the store of containerd', () => {
  test('mirrors end in one /v2 and get the registry by ns=, and Docker Hub itself does not', () => {
    const mirrors = load(
      { 'registry-mirrors': ['https://hub.corp.test/v2', 'https://registry-1.docker.io'] },
      { store: true },
    );
    expect(listOf(mirrors, 'nginx').endpoints.map(({ url, namespace }) => [url, namespace])).toEqual([
      ['https://hub.corp.test/v2', 'docker.io'],
      ['https://registry-1.docker.io/v2', null],
      ['https://registry-1.docker.io/v2', null],
    ]);
  });

  test('a hosts.toml with mirrors makes the mirrors of daemon.json ineffective', () => {
    const files = { [`${certs}/docker.io/hosts.toml`]: '[host."https://toml.corp.test"]\n' };
    expect(asked(load(hub, { store: true, files }), 'nginx')).toEqual([
      'https://toml.corp.test/v2 library/nginx',
      'https://registry-1.docker.io/v2 library/nginx',
    ]);
  });

  test("mirrors are trusted by docker.io's certificates, not by their own", () => {
    const files = { [`${certs}/docker.io/ca.crt`]: 'HUB', [`${certs}/hub.corp.test/ca.crt`]: 'MIRROR' };
    expect(listOf(load(hub, { store: true, files }), 'nginx').endpoints[0]?.tls.caPem).toEqual(['HUB']);
  });

  test('an insecure mirror alone is not verified, and a warning says that dockerd verifies none then', () => {
    const mirrors = load({ ...hub, 'insecure-registries': ['hub.corp.test'] }, { store: true });
    const loose = listOf(mirrors, 'nginx').endpoints.map(({ tls, plainFallback }) => [
      tls.skipVerify,
      plainFallback.length > 0,
    ]);
    expect(loose).toEqual([
      [true, true],
      [false, false],
      [false, false],
    ]);
    expect(codes(mirrors, 'nginx')).toEqual(['InsecureShared']);
  });
});

describe('a daemon.json that cannot be used', () => {
  test.each([
    ['no JSON', '{\n  "registry-mirrors": [\n    https://hub\n  ]\n}', 'SYNTAX', 3, 5],
    ['no object', '[]', 'INVALID', 1, 1],
    ['mirrors that are not a list', '{"registry-mirrors": "https://hub"}', 'INVALID', 1, 22],
    ['a mirror that is not a string', '{"registry-mirrors": [\n 7]}', 'INVALID', 2, 2],
    ['a bad mirror', '{"registry-mirrors": [\n "hub"]}', 'INVALID', 2, 2],
    ['a bad insecure registry', '{"insecure-registries": [\n "a/b"]}', 'INVALID', 2, 2],
    [
      'a mirror of protocol version 1',
      '{"registry-mirrors": [\n "https://hub.corp.test/v1"]}',
      'INVALID',
      2,
      2,
    ],
    ['the switch for protocol version 1', '{\n"disable-legacy-registry": false}', 'INVALID', 2, 28],
  ])('a daemon.json with %s is rejected at its place', (_, text, code, line, column) => {
    expect(thrown(() => load(text))).toMatchObject({
      name: 'MirrorConfigError',
      code,
      file: 'daemon.json',
      line,
      column,
    });
  });

  test('a missing file is an error', () => {
    const options = {
      daemonJson: 'daemon.json',
      certsDir: certs,
      containerdStore: false,
      version: 'auto',
      pathMap: {},
    };
    expect(thrown(() => loadDockerd(options, memoryFiles({})))).toMatchObject({
      code: 'NOT_FOUND',
      line: null,
    });
  });

  test.each(['', ' \n', '\ufeff{}', '{"registry-mirrors": null, "log-level": "debug"}'])(
    '%j has no mirrors',
    (text) => {
      expect(asked(load(text), 'nginx')).toEqual(['https://registry-1.docker.io/v2 library/nginx']);
    },
  );
});

test('a list has the same id only for the same content', () => {
  const files = { [`${certs}/quay.io/ca.crt`]: 'CA' };
  expect(load(hub).id).toBe(load(hub).id);
  expect(
    new Set([load(hub), load({}), load(hub, { files }), load(hub, { store: true })].map(({ id }) => id)).size,
  ).toBe(4);
});

describe('the encoding of daemon.json', () => {
  const text = JSON.stringify(hub);
  const utf16le = Buffer.from(`\ufeff${text}`, 'utf16le');

  test.each([
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-16 LE with a byte order mark', utf16le],
    ['UTF-16 BE with a byte order mark', Buffer.from(utf16le).swap16()],
  ])('daemon.json may be %s', (_, bytes) => {
    const options = {
      daemonJson: 'd.json',
      certsDir: certs,
      containerdStore: false,
      version: 'auto',
      pathMap: {},
    };
    const list = loadDockerd(options, memoryFiles({ 'd.json': bytes }));
    expect(asked(list, 'nginx')[0]).toBe('https://hub.corp.test/v2 library/nginx');
  });
});

describe('a key that dockerd does not know', () => {
  test('an unknown key of daemon.json is rejected at its place', () => {
    expect(
      thrown(() => load('{\n  "registry-mirrors": [],\n  "insecure_registries": ["a"]\n}')),
    ).toMatchObject({
      code: 'INVALID',
      line: 3,
      column: 3,
      message: expect.stringMatching(
        /does not start with the key insecure_registries; did you mean insecure-registries\?/,
      ),
    });
  });

  test('a key that is only the name of a flag gives a warning', () => {
    const list = load('{ "registry-mirror": ["https://m.corp"] }');
    expect(listOf(list, 'nginx').warnings).toEqual([
      {
        code: 'UnknownKey',
        message: 'dockerd ignores the key registry-mirror; did you mean registry-mirrors?',
        source: 'daemon.json:1',
      },
    ]);
  });

  test('names in log-opts and features are free, and those in proxies are checked', () => {
    expect(() =>
      load({ 'log-opts': { 'max-size': '1m' }, features: { x: true }, proxies: { 'no-proxy': 'a' } }),
    ).not.toThrow();
    expect(() => load({ proxies: { no_proxy: 'a' } })).toThrow(/no_proxy/);
  });
});

describe('features.containerd-snapshotter', () => {
  const store = { ...hub, features: { 'containerd-snapshotter': true } };

  test('features.containerd-snapshotter wins over containerdStore, with a warning', () => {
    const list = load(store);
    expect(list.profiles.map(({ name }) => name)).toEqual(['dockerd-store']);
    expect(codes(list, 'nginx')).toEqual(['StoreDiffers']);
    expect(load({ features: { 'containerd-snapshotter': false } }, { store: true }).profiles[0]?.name).toBe(
      'dockerd-graph',
    );
  });

  test('features.containerd-snapshotter that agrees with containerdStore gives no warning', () => {
    expect(codes(load(store, { store: true }), 'nginx')).toEqual([]);
  });
});
