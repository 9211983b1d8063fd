import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { loadContainerdHosts } from '../../../../../../src/resolve/endpoints/containerd/hosts-toml/load-hosts.ts';
import { FileError } from '../../../../../../src/resolve/endpoints/files/files.ts';
import { memoryFiles } from '../../../../../kit/fakes/memory-files.ts';
import { asked, codes, listOf, open, thrown } from '../../summary.ts';

const digest = `sha256:${'7'.repeat(64)}`;

interface Setting {
  readonly version?: string;
  readonly configPath?: string;
  readonly pathMap?: Readonly<Record<string, string>>;
}

/** `files` by path below the root `certs.d`, or absolute. */
function load(files: Readonly<Record<string, string>>, setting: Setting = {}) {
  const placed = Object.entries(files).map(([path, text]) => [
    path.startsWith('/') ? path : `certs.d/${path}`,
    text,
  ]);
  const options = { configPath: 'certs.d', version: 'auto', pathMap: {}, ...setting };
  return loadContainerdHosts(options, memoryFiles({ 'certs.d/': '', ...Object.fromEntries(placed) }));
}

const hub = (text: string, setting?: Setting) => load({ 'docker.io/hosts.toml': text }, setting);

describe('the order of hosts', () => {
  test('hosts are asked in the order of their tables, also names that JavaScript sorts first', () => {
    const list = hub('[host."https://z.corp"]\n[host."7"]\n[host."https://a.corp"]\n');
    expect(asked(list, 'nginx')).toEqual([
      'https://z.corp/v2 library/nginx',
      'https://7/v2 library/nginx',
      'https://a.corp/v2 library/nginx',
      'https://registry-1.docker.io/v2 library/nginx',
    ]);
  });

  test('strings and comments that look like tables do not change the order of hosts', () => {
    const list = hub(`
      # [host."https://comment.corp"]
      server = """
[host."https://string.corp"]
      """
    `);
    expect(codes(list, 'nginx')).toEqual(['HostsFileIgnored']);
    const good = hub(`
      [header]
      x = '''
[host."https://string.corp"]
'''
      [host."https://a.corp"] # [host."https://comment.corp"]
    `);
    expect(listOf(good, 'nginx').endpoints.map(({ source }) => source?.line)).toEqual([6, 2]);
  });

  test('a host that is given by a key is never asked, with a warning', () => {
    const dotted = hub('host."https://a.corp".capabilities = ["pull"]\n');
    expect(asked(dotted, 'nginx')).toEqual(['https://registry-1.docker.io/v2 library/nginx']);
    expect(codes(dotted, 'nginx')).toEqual(['InlineTableDropped']);
    const inline = hub('[host]\n"https://b.corp" = { capabilities = ["pull"] }\n');
    expect(asked(inline, 'nginx')).toEqual(['https://registry-1.docker.io/v2 library/nginx']);
    expect(listOf(inline, 'nginx').warnings).toMatchObject([
      { code: 'InlineTableDropped', source: 'certs.d/docker.io/hosts.toml:2' },
    ]);
  });

  test('a host whose sub-table comes after another host is asked twice', () => {
    const list = hub(`[host."https://a.corp"]
[host."https://b.corp"]
[host."https://a.corp".header]
  x = "1"
`);
    expect(listOf(list, 'nginx').endpoints.map(({ url, source }) => [url, source?.line])).toEqual([
      ['https://a.corp/v2', 1],
      ['https://b.corp/v2', 2],
      ['https://a.corp/v2', 3],
      ['https://registry-1.docker.io/v2', undefined],
    ]);
    expect(codes(list, 'nginx')).toEqual(['DuplicateHost', 'ServerOmitted']);
  });

  test('containerd 1.7 orders hosts by their first mention, keys included', () => {
    const list = hub(
      `[host]
"https://k.corp" = {}
[host."https://a.corp"]
[host."https://b.corp"]
[host."https://a.corp".header]
`,
      { version: '1.7.27' },
    );
    expect(listOf(list, 'nginx').endpoints.map(({ url }) => url)).toEqual([
      'https://k.corp/v2',
      'https://a.corp/v2',
      'https://b.corp/v2',
      'https://registry-1.docker.io/v2',
    ]);
  });
});

describe('which endpoints are asked for what', () => {
  const list = hub(`server = "https://last.corp"
[host."https://pull.corp"]
  capabilities = ["pull"]
[host."https://both.corp"]
  capabilities = ["Pull", "RESOLVE"]
[host."https://resolve.corp"]
  capabilities = ["resolve"]
`);
  const urls = (image: string) => open(listOf(list, image)).map(({ url }) => url);

  test('a tag is asked at hosts that may both pull and resolve', () => {
    expect(urls('nginx:1.27')).toEqual(['https://both.corp/v2', 'https://last.corp/v2']);
  });

  test('a digest is asked at hosts that may pull', () => {
    expect(urls(`nginx@${digest}`)).toEqual([
      'https://pull.corp/v2',
      'https://both.corp/v2',
      'https://last.corp/v2',
    ]);
  });

  test('hosts without the needed capability are listed with the reason', () => {
    expect(listOf(list, 'nginx').endpoints[0]?.skip).toEqual({
      reason: 'Capability',
      message: 'its capabilities are pull; a tag needs pull and resolve',
    });
  });
});

describe('roles and names', () => {
  const list = hub(`server = "https://cache.corp"
[host."https://mirror.corp"]
[host."https://registry-1.docker.io"]
`);

  test('the server line and the registry itself are upstream, other hosts are mirrors', () => {
    expect(listOf(list, 'nginx').endpoints.map(({ role }) => role)).toEqual([
      'mirror',
      'upstream',
      'upstream',
    ]);
  });

  test('every host but the registry itself gets the registry by ns=', () => {
    expect(listOf(list, 'nginx').endpoints.map(({ namespace }) => namespace)).toEqual([
      'docker.io',
      null,
      'docker.io',
    ]);
  });

  test('the source of a host is the line of its table, that of the server the line of its key', () => {
    const lines = listOf(list, 'nginx').endpoints.map(({ source }) => source);
    expect(lines).toEqual([2, 3, 1].map((line) => ({ file: 'certs.d/docker.io/hosts.toml', line })));
  });
});

describe('the directory that serves a registry', () => {
  const server = (name: string) => `server = "https://${name}.corp"\n[host]\n`;

  test.each<[string, Record<string, string>, string]>([
    [
      'host_port_ before host:port',
      { 'r.corp_5000_/hosts.toml': server('a'), 'r.corp:5000/hosts.toml': server('b') },
      'https://a.corp/v2 app',
    ],
    [
      'host:port before _default',
      { 'r.corp:5000/hosts.toml': server('b'), '_default/hosts.toml': server('c') },
      'https://b.corp/v2 app',
    ],
    [
      '_default and never the bare host',
      { 'r.corp/hosts.toml': server('a'), '_default/hosts.toml': server('c') },
      'https://c.corp/v2 app',
    ],
    ['nothing, so the registry itself', { 'r.corp/hosts.toml': server('a') }, 'https://r.corp:5000/v2 app'],
  ])('the directory that serves a registry is %s', (_, files, want) => {
    expect(asked(load(files), 'r.corp:5000/app')).toEqual([want]);
  });

  test('an empty directory hides the mirrors of _default, with a warning', () => {
    const list = load({ 'r.corp/': '', '_default/hosts.toml': '[host."https://m.corp"]' });
    expect(asked(list, 'r.corp/app')).toEqual(['https://r.corp/v2 app']);
    expect(listOf(list, 'r.corp/app').warnings).toMatchObject([
      { code: 'EmptyDirectoryShadows', source: 'certs.d/r.corp' },
    ]);
  });

  test('an empty directory that hides nothing gives no warning', () => {
    expect(codes(load({ 'r.corp/': '' }), 'r.corp/app')).toEqual([]);
  });

  test('directories of a mounted ConfigMap that begin with dots are not read', () => {
    const list = load({ '..data/hosts.toml': 'broken [', '..2026_01_01/r.corp/hosts.toml': 'broken [' });
    expect(listOf(list, 'r.corp/app').warnings).toEqual([]);
  });
});

describe('a list of roots', () => {
  const files = {
    '/one/_default/hosts.toml': '[host."https://one.corp"]',
    '/two/r.corp/hosts.toml': '[host."https://two.corp"]',
  };

  test('roots are searched in order, so _default of the first comes before the registry in the second', () => {
    const list = load(files, { configPath: '/one:/two', version: '2.0' });
    expect(asked(list, 'r.corp/app')[0]).toBe('https://one.corp/v2 app');
  });

  test('a root that does not exist is left out', () => {
    const list = load(files, { configPath: '/no:/two', version: '1.7' });
    expect(asked(list, 'r.corp/app')[0]).toBe('https://two.corp/v2 app');
  });

  test.each(['auto', '2.1', 'containerd://2.2.1', 'v2.1.0-rc.1', 'unknown'])(
    'is ignored as a whole by containerd %s, with a warning',
    (version) => {
      const list = load(files, { configPath: '/one:/two', version });
      expect(asked(list, 'r.corp/app')).toEqual(['https://r.corp/v2 app']);
      expect(codes(list, 'r.corp/app')).toEqual(['ColonListIgnored']);
    },
  );
});

describe('a file that containerd ignores', () => {
  test.each<[string, string, string, number]>([
    ['broken TOML', '[host."https://a.corp"]\ncapabilities = [', 'HostsFileIgnored', 2],
    ['a misspelt capability', '\n[host."https://a.corp"]\ncapabilities = ["pul"]', 'UnknownCapability', 3],
    [
      'a wrong type',
      '[host."https://a.corp"]\n[host."https://b.corp"]\nskip_verify = 1',
      'HostsFileIgnored',
      3,
    ],
    [
      'a wrong type in a host that is never asked',
      '[host]\n"https://a.corp" = { skip_verify = 1 }',
      'HostsFileIgnored',
      2,
    ],
    ['an array of tables', '[[host]]\n', 'HostsFileIgnored', 1],
    ['a host that is not a URL', '[host."https://a corp"]\n', 'HostsFileIgnored', 1],
    ['a server that is not a string', 'a = 1\nserver = 1', 'HostsFileIgnored', 2],
    ['a duration without a unit', '[host."https://a.corp"]\ndial_timeout = "3"', 'HostsFileIgnored', 2],
  ])('a hosts.toml with %s is ignored, with a warning at its line', (_, text, code, line) => {
    const list = hub(text);
    expect(asked(list, 'nginx')).toEqual(['https://registry-1.docker.io/v2 library/nginx']);
    expect(listOf(list, 'nginx').warnings).toMatchObject([
      { code, source: `certs.d/docker.io/hosts.toml:${line}` },
    ]);
  });

  test('certificates beside an ignored hosts.toml are used', () => {
    const list = load({
      'r.corp/hosts.toml': 'capabilities = ["x"]',
      'r.corp/ca.crt': 'CA',
      'r.corp/client.cert': 'CERT',
      'r.corp/client.key': 'KEY',
    });
    expect(listOf(list, 'r.corp/app').endpoints).toMatchObject([
      {
        tls: { ca: ['certs.d/r.corp/ca.crt'], caPem: ['CA'], clientPem: [{ cert: 'CERT', key: 'KEY' }] },
        source: { file: 'certs.d/r.corp', line: null },
      },
    ]);
  });

  test('a hosts.toml with only a server is read by containerd 2.x and ignored by 1.7', () => {
    const text = 'server = "https://cache.corp"';
    expect(asked(hub(text), 'nginx')).toEqual(['https://cache.corp/v2 library/nginx']);
    const old = hub(text, { version: '1.7' });
    expect(asked(old, 'nginx')).toEqual(['https://registry-1.docker.io/v2 library/nginx']);
    expect(codes(old, 'nginx')).toEqual(['ServerOnlyFileIgnored']);
  });

  test('a hosts.toml with an unknown key is read, and the key is named', () => {
    const list = hub('server = "https://a.corp"\n[host."https://m.corp"]\ncapabilites = ["pull"]\n');
    expect(asked(list, 'nginx')).toHaveLength(2);
    expect(listOf(list, 'nginx').warnings).toMatchObject([
      { code: 'UnknownKey', source: 'certs.d/docker.io/hosts.toml:3' },
    ]);
  });

  test('keys in capitals are read, as Go reads them', () => {
    const list = hub('Server = "https://a.corp"\n[host."https://m.corp"]\nCapabilities = ["pull"]\n');
    expect(listOf(list, 'nginx').endpoints.map(({ capabilities }) => capabilities.length)).toEqual([1, 4]);
  });
});

describe('addresses', () => {
  test.each<[string, string]>([
    ['"https://m.corp"', 'https://m.corp/v2'],
    ['"m.corp:5000"', 'https://m.corp:5000/v2'],
    ['"https://m.corp/proxy/"', 'https://m.corp/proxy/v2'],
    ['"https://m.corp/v2/"', 'https://m.corp/v2'],
    ['"https://m.corp/"', 'https://m.corp/v2'],
    ['"https://m.corp/a/../b"', 'https://m.corp/b/v2'],
    ['"https://m.corp/a b%3Fc"', 'https://m.corp/a%20b%3Fc/v2'],
    ['"https://m.corp/proxy"]\noverride_path = true\n[a', 'https://m.corp/proxy'],
    ['"https://m.corp/"]\noverride_path = true\n[a', 'https://m.corp'],
  ])('%s is asked at %s', (name, url) => {
    expect(listOf(hub(`[host.${name}]`), 'nginx').endpoints[0]?.url).toBe(url);
  });

  test.each(['httpbin.corp:5000', 'http+unix://socket', 'https://'])(
    '%s cannot be asked, which gives a warning and leaves the other hosts',
    (name) => {
      const list = listOf(hub(`[host."${name}"]\n`), 'nginx');
      expect(list.endpoints[0]?.skip?.reason).toBe('Capability');
      expect(list.warnings.map(({ code }) => code)).toContain('UnusableHost');
      expect(open(list).map(({ url }) => url)).toEqual(['https://registry-1.docker.io/v2']);
    },
  );
});

describe('TLS', () => {
  test('an http:// host is asked in plain text, with a warning', () => {
    const list = listOf(hub('[host."http://m.corp"]'), 'nginx');
    expect(list.endpoints[0]).toMatchObject({ url: 'http://m.corp/v2', plainFallback: [] });
    expect(list.warnings.map(({ code }) => code)).toContain('PlainHttp');
  });

  test('an http:// host with TLS settings is tried by https first, unless it is on port 80', () => {
    const list = listOf(
      hub('[host."http://m.corp"]\nskip_verify = false\n[host."http://n.corp:80"]\nca = []'),
      'nginx',
    );
    expect(list.endpoints.slice(0, 2)).toMatchObject([
      {
        url: 'https://m.corp/v2',
        plainFallback: expect.arrayContaining(['HttpAnswer', 'ConnectionRefused']),
        tls: { skipVerify: false },
      },
      { url: 'http://n.corp:80/v2', plainFallback: [] },
    ]);
    expect(list.warnings.map(({ code }) => code)).toEqual(['ServerOmitted', 'HttpsFirst', 'PlainHttp']);
  });

  test('relative certificate names are below the directory, absolute ones go through the path map', () => {
    const list = load(
      {
        'docker.io/hosts.toml':
          '[host."https://m.corp"]\nca = ["own.crt", "/etc/pki/ca.crt"]\nclient = [["c.pem", "k.pem"], "both.pem"]\n',
        'docker.io/own.crt': 'OWN',
        '/host/etc/pki/ca.crt': 'NODE',
        'docker.io/c.pem': 'C',
        'docker.io/k.pem': 'K',
        'docker.io/both.pem': 'B',
      },
      { pathMap: { '/etc': '/host/etc' } },
    );
    const [endpoint] = listOf(list, 'nginx').endpoints;
    expect(endpoint?.skip).toBeNull();
    expect(endpoint?.tls).toMatchObject({
      ca: ['certs.d/docker.io/own.crt', '/etc/pki/ca.crt'],
      caPem: ['OWN', 'NODE'],
      clientPem: [
        { cert: 'C', key: 'K' },
        { cert: 'B', key: 'B' },
      ],
    });
  });

  test('a missing certificate skips its endpoint only, naming file and line', () => {
    const list = listOf(hub('\n[host."https://m.corp"]\nca = "no.crt"\n'), 'nginx');
    expect(list.endpoints[0]?.skip).toMatchObject({
      reason: 'FileMissing',
      message: expect.stringContaining('certs.d/docker.io/hosts.toml:2'),
    });
    expect(open(list)).toHaveLength(1);
  });
});

describe('other settings of a host', () => {
  const [endpoint] = listOf(
    hub(`[host."https://m.corp"]
  dial_timeout = "1.5s"
[host."https://m.corp".header]
  x-one = "1"
  X-Two = ["2", "3"]
[host."https://m.corp".rewrite]
  "^library/(.*)" = "hub/$1"
`),
    'nginx',
  ).endpoints;

  test('headers, dial timeout and rewrites of a host reach its endpoint', () => {
    expect(endpoint).toMatchObject({
      headers: { 'x-one': ['1'], 'X-Two': ['2', '3'] },
      dialTimeoutMs: 1500,
      repository: 'hub/nginx',
    });
  });

  test('settings of a host do not reach the registry itself', () => {
    const list = listOf(hub('[host."https://m.corp".rewrite]\n"^library" = "hub"\n'), 'nginx');
    expect(list.endpoints[1]).toMatchObject({ repository: 'library/nginx', source: null, headers: {} });
  });

  test('a host with a header that HTTP cannot carry is skipped', () => {
    const list = listOf(hub('[host."https://m.corp".header]\nx = "a\\r\\nb"\n'), 'nginx');
    expect(list.endpoints[0]?.skip?.message).toBe('header x cannot be sent over HTTP; correct it');
  });

  test('two rewrites that both apply make the host ambiguous, and a broken one is left out', () => {
    const list = listOf(
      hub('[host."https://m.corp".rewrite]\n"library" = "hub"\n"nginx" = "web"\n"(" = "x"\n'),
      'nginx',
    );
    expect(list.endpoints[0]?.skip?.reason).toBe('AmbiguousRewrite');
    expect(list.warnings.map(({ code }) => code)).toEqual([
      'RewriteExtension',
      'ServerOmitted',
      'RewriteIgnored',
      'SeveralRewrites',
    ]);
  });

  test('rewrites give no warning if the nodes run the containerd of k3s', () => {
    const text = 'server = "https://u.corp"\n[host."https://m.corp".rewrite]\n"^library" = "hub"\n';
    expect(codes(hub(text, { version: 'containerd://2.1.4-k3s1' }), 'nginx')).toEqual([]);
    expect(listOf(hub(text), 'nginx').warnings).toMatchObject([
      { code: 'RewriteExtension', source: 'certs.d/docker.io/hosts.toml:2' },
    ]);
  });
});

describe('loading', () => {
  test('a config_path that does not exist is rejected', () => {
    expect(thrown(() => load({}, { configPath: '/no/where' }))).toMatchObject({
      code: 'NOT_FOUND',
      file: '/no/where',
    });
  });

  test('a hosts.toml that cannot be read is rejected', () => {
    const files = memoryFiles({ 'certs.d/docker.io/hosts.toml': '' });
    const read = (path: string): string => {
      throw new FileError(path, 'permission denied');
    };
    const options = { configPath: 'certs.d', version: 'auto', pathMap: {} };
    expect(thrown(() => loadContainerdHosts(options, { ...files, read }))).toMatchObject({
      code: 'UNREADABLE',
      file: 'certs.d/docker.io/hosts.toml',
    });
  });

  test('a list has the same id only for the same content', () => {
    const one = hub('[host."https://m.corp".rewrite]\n"a" = "b"\n');
    expect(hub('[host."https://m.corp".rewrite]\n"a" = "b"\n').id).toBe(one.id);
    expect(hub('[host."https://m.corp".rewrite]\n"a" = "c"\n').id).not.toBe(one.id);
    const certificate = (text: string) => load({ 'r.corp/ca.crt': text }).id;
    expect(certificate('A')).not.toBe(certificate('B'));
  });

  test('any tree gives a list with an endpoint, or a MirrorConfigError', () => {
    const value = fc.oneof(
      fc.constantFrom(
        '"pull"',
        '["pull"]',
        '["pull", "resolve"]',
        'true',
        '1',
        '{}',
        '[]',
        '"3s"',
        '"x.pem"',
        '[',
      ),
      fc.string().map((text) => JSON.stringify(text)),
    );
    const key = fc.constantFrom(
      'capabilities',
      'ca',
      'client',
      'skip_verify',
      'override_path',
      'dial_timeout',
      'x',
    );
    const header = fc
      .oneof(fc.constantFrom('https://m.corp', 'http://m.corp:80', 'm.corp', '__proto__', '5'), fc.string())
      .chain((host) =>
        fc.constantFrom(
          `[host.${JSON.stringify(host)}]`,
          `[host.${JSON.stringify(host)}.header]`,
          `[host.${JSON.stringify(host)}.rewrite]`,
          `server = ${JSON.stringify(host)}`,
          '[header]',
        ),
      );
    const line = fc.oneof(
      header,
      fc.tuple(key, value).map(([name, text]) => `${name} = ${text}`),
    );
    const text = fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n'));
    const directory = fc.constantFrom('docker.io', '_default');
    fc.assert(
      fc.property(directory, text, fc.constantFrom('1.7', '2.1'), (name, content, version) => {
        const { endpoints } = listOf(load({ [`${name}/hosts.toml`]: content }, { version }), 'nginx');
        expect(endpoints.length).toBeGreaterThan(0);
        for (const { url } of endpoints) expect(URL.canParse(url)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a byte order mark', () => {
  const text = '\ufeffserver = "https://registry-1.docker.io"\n[host."https://m.corp"]\n';

  test('containerd 2.0 and later ignore a hosts.toml with a byte order mark', () => {
    const list = load({ 'docker.io/hosts.toml': text }, { version: '2.0' });
    expect(asked(list, 'nginx')).toEqual(['https://registry-1.docker.io/v2 library/nginx']);
    expect(listOf(list, 'nginx').warnings).toMatchObject([
      { code: 'HostsFileIgnored', message: expect.stringContaining('byte order mark') },
    ]);
  });

  test('containerd 1.x reads a hosts.toml with a byte order mark', () => {
    const list = load({ 'docker.io/hosts.toml': text }, { version: '1.7' });
    expect(asked(list, 'nginx')[0]).toBe('https://m.corp/v2 library/nginx');
  });
});

describe('a server that cannot be meant', () => {
  test.each([
    ['https://docker.io', 'ServerNotRegistry', /write https:\/\/registry-1\.docker\.io/],
    ['docker.io/v2', 'ServerNotRegistry', /serves no registry API/],
    ['*', 'ServerMalformed', /directory _default/],
    ['https://', 'ServerMalformed', /names no host/],
    ['https://docker.i://registry-1.docker.io', 'ServerMalformed', /asks the host docker\.i:/],
  ])('server = %j gives a warning at its line', (server, code, message) => {
    const list = load({ 'docker.io/hosts.toml': `\nserver = "${server}"\n[host."https://m.corp"]\n` });
    expect(listOf(list, 'nginx').warnings).toContainEqual({
      code,
      message: expect.stringMatching(message),
      source: 'certs.d/docker.io/hosts.toml:2',
    });
  });

  test('a server of two URLs is asked as Go parses it', () => {
    const text =
      'server = "https://docker.i://registry-1.docker.io"\n[host."https://mirror.local.tld:443/v2"]\n';
    expect(asked(load({ 'docker.io/hosts.toml': text }), 'nginx')).toEqual([
      'https://mirror.local.tld:443/v2 library/nginx',
      'https://docker.i:/registry-1.docker.io/v2 library/nginx',
    ]);
  });
});

describe('a host without the capability pull', () => {
  const text = (pull: string) => `server = "https://registry-1.docker.io"
[host."https://m.corp"]
  capabilities = ["resolve"]
[host."https://n.corp"]
  capabilities = ["${pull}", "resolve"]
`;

  test('a host without pull is skipped with a warning, because containerd asks it for content all the same', () => {
    const { endpoints, warnings } = listOf(load({ 'docker.io/hosts.toml': text('pull') }), 'nginx');
    expect(endpoints.map(({ skip }) => skip?.mayServe ?? false)).toEqual([true, false, false]);
    expect(endpoints[0]?.skip?.reason).toBe('Capability');
    expect(warnings.map(({ code }) => code)).toEqual(['PullCapability']);
  });
});

test('an unknown key is reported with the nearest that containerd knows', () => {
  const list = load({ 'docker.io/hosts.toml': '[host."https://m.corp"]\n\nskip-verify = true\n' });
  expect(listOf(list, 'nginx').warnings).toContainEqual({
    code: 'UnknownKey',
    message: 'containerd ignores the key skip-verify; did you mean skip_verify?',
    source: 'certs.d/docker.io/hosts.toml:3',
  });
});

describe('the profile of the nodes', () => {
  const names = (version: string) => load(files, { version }).profiles.map(({ name }) => name);
  const files = { 'docker.io/hosts.toml': '' };

  test.each([
    ['1.7', ['containerd-local']],
    ['2.0', ['containerd-local']],
    ['2.1', ['containerd-transfer']],
    ['containerd://2.2.1', ['containerd-transfer']],
    ['auto', ['containerd-transfer', 'containerd-local']],
  ])('version %s gives the profiles %j', (version, wanted) => {
    expect(names(version)).toEqual(wanted);
  });
});
