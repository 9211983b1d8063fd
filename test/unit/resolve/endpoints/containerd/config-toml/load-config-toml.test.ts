import { describe, expect, test } from '@jest/globals';
import { loadConfigToml } from '../../../../../../src/resolve/endpoints/containerd/config-toml/load-config-toml.ts';
import { memoryFiles } from '../../../../../kit/fakes/memory-files.ts';
import { asked, codes, listOf, open, thrown } from '../../summary.ts';

const grpc = 'plugins."io.containerd.grpc.v1.cri".registry';
const images = 'plugins."io.containerd.cri.v1.images".registry';

function load(text: string, version = 'auto', files: Readonly<Record<string, string>> = {}) {
  const options = { configToml: 'config.toml', version, pathMap: { '/etc': '/host/etc' } };
  return loadConfigToml(options, memoryFiles({ 'config.toml': text, ...files }));
}

const mirrored = `version = 2
[${grpc}.mirrors."docker.io"]
  endpoint = ["https://m.corp", "n.corp/proxy/v2"]
[${grpc}.mirrors."*"]
  endpoint = ["http://any.corp:5000"]
`;

describe('mirrors', () => {
  test('mirrors are asked in order, the registry itself last', () => {
    expect(asked(load(mirrored), 'nginx')).toEqual([
      'https://m.corp/v2 library/nginx',
      'https://n.corp/proxy/v2 library/nginx',
      'https://registry-1.docker.io/v2 library/nginx',
    ]);
  });

  test('mirrors of "*" serve only registries without an entry of their own', () => {
    const list = listOf(load(mirrored), 'quay.io/a/b');
    expect(list.endpoints.map(({ url }) => url)).toEqual(['http://any.corp:5000/v2', 'https://quay.io/v2']);
    expect(list.warnings.map(({ code }) => code)).toEqual(['PlainHttp']);
  });

  test('a mirror is asked with the path as it is written', () => {
    const text = `version = 2\n[${grpc}.mirrors."docker.io"]\nendpoint = ["https://m.corp/proxy/"]\n`;
    expect(asked(load(text), 'nginx')[0]).toBe('https://m.corp/proxy library/nginx');
  });

  test('a registry among its own mirrors is not added again', () => {
    const text = `version = 2\n[${grpc}.mirrors."quay.io"]\nendpoint = ["https://quay.io", "https://m.corp"]\n`;
    const { endpoints } = listOf(load(text), 'quay.io/a/b');
    expect(endpoints.map(({ url, role }) => [url, role])).toEqual([
      ['https://quay.io/v2', 'upstream'],
      ['https://m.corp/v2', 'mirror'],
    ]);
  });

  test('a loopback registry is asked by plain http after its mirrors', () => {
    expect(asked(load(mirrored), 'localhost:5000/a')).toEqual([
      'http://any.corp:5000/v2 a',
      'http://localhost:5000/v2 a',
    ]);
  });

  test('the source of a mirror is the line of its endpoint list', () => {
    const sources = listOf(load(mirrored), 'nginx').endpoints.map(({ source }) => source);
    expect(sources).toEqual([{ file: 'config.toml', line: 3 }, { file: 'config.toml', line: 3 }, null]);
  });
});

test('a rewrite applies to an endpoint that is written, also the registry itself, and not to the default one', () => {
  const text = `version = 2
[${grpc}.mirrors."docker.io"]
  endpoint = ["https://registry-1.docker.io"]
  [${grpc}.mirrors."docker.io".rewrite]
    "^library/(.*)" = "my-org/$1"
`;
  expect(asked(load(text), 'alpine')).toEqual([
    'https://registry-1.docker.io/v2 my-org/alpine',
    'https://registry-1.docker.io/v2 library/alpine',
  ]);
  expect(listOf(load(text), 'alpine').endpoints.map(({ namespace }) => namespace)).toEqual([null, null]);
  expect(asked(load(text), 'bitnami/redis')[0]).toBe('https://registry-1.docker.io/v2 bitnami/redis');
});

describe('configs', () => {
  const text = `version = 2
[${grpc}.mirrors."docker.io"]
  endpoint = ["https://m.corp:5000", "http://plain.corp"]
[${grpc}.configs."m.corp:5000".auth]
  username = "user"
  password = "secret"
[${grpc}.configs."m.corp:5000".tls]
  ca_file = "/etc/ca.crt"
  cert_file = "/etc/c.crt"
  key_file = "/etc/c.key"
[${grpc}.configs."plain.corp".tls]
  insecure_skip_verify = true
[${grpc}.configs."registry-1.docker.io".auth]
  identitytoken = "token"
`;
  const files = { '/host/etc/ca.crt': 'CA', '/host/etc/c.crt': 'C', '/host/etc/c.key': 'K' };
  const { endpoints } = listOf(load(text, '1.7', files), 'nginx');

  test('configs give credentials by the host that is asked', () => {
    expect(endpoints.map(({ credential }) => credential)).toEqual([
      { username: 'user', password: 'secret' },
      null,
      { username: '', password: '', identityToken: 'token' },
    ]);
  });

  test('configs give certificates, found through the path map', () => {
    expect(endpoints[0]).toMatchObject({
      skip: null,
      tls: { ca: ['/etc/ca.crt'], caPem: ['CA'], clientPem: [{ cert: 'C', key: 'K' }] },
    });
  });

  test('TLS settings in configs do not turn http into https', () => {
    expect(endpoints[1]).toMatchObject({ url: 'http://plain.corp/v2', plainFallback: [] });
  });

  test('a missing certificate in configs skips its host, naming the line', () => {
    const list = listOf(load(text, '1.7'), 'nginx');
    expect(list.endpoints[0]?.skip).toMatchObject({
      reason: 'FileMissing',
      message: expect.stringContaining('config.toml:7'),
    });
    expect(open(list)).toHaveLength(2);
  });

  test('a broken auth in configs is not used, and nothing of it is shown', () => {
    const broken = `version = 2\n[${grpc}.configs."quay.io".auth]\nauth = "c2VjcmV0"\n`;
    const list = listOf(load(broken), 'quay.io/a/b');
    expect(list.endpoints[0]?.credential).toBeNull();
    expect(list.warnings.map(({ code }) => code)).toEqual(['AuthIgnored']);
    expect(JSON.stringify(list)).not.toContain('c2VjcmV0');
  });
});

describe('config_path', () => {
  const text = `version = 2
[${grpc}]
  config_path = "/etc/containerd/certs.d"
[${grpc}.mirrors."docker.io"]
  endpoint = ["https://legacy.corp"]
[${grpc}.configs."m.corp".auth]
  auth = "dXNlcjpwYTpzcw=="
`;
  const files = { '/host/etc/containerd/certs.d/docker.io/hosts.toml': '[host."https://m.corp"]\n' };

  test('config_path is found through the path map and excludes the mirrors', () => {
    const list = load(text, 'auto', files);
    expect(asked(list, 'nginx')[0]).toBe('https://m.corp/v2 library/nginx');
    expect(codes(list, 'nginx')).toEqual(['MirrorsIgnored', 'ServerOmitted']);
    expect(listOf(list, 'nginx').endpoints[0]?.source).toEqual({
      file: '/etc/containerd/certs.d/docker.io/hosts.toml',
      line: 1,
    });
  });

  test('credentials of configs are used beside config_path', () => {
    const { endpoints } = listOf(load(text, '1.7', files), 'nginx');
    expect(endpoints.map(({ credential }) => credential)).toEqual([
      { username: 'user', password: 'pa:ss' },
      null,
    ]);
  });
});

describe('the name of the plugin', () => {
  const table = (name: string) => `[${name}.mirrors."docker.io"]\nendpoint = ["https://m.corp"]\n`;

  test.each<[string, string, string]>([
    ['1.7', '', 'plugins.cri.registry'],
    ['1.7', 'version = 2\n', grpc],
    ['2.1', '', 'plugins.cri.registry'],
    ['2.1', '', grpc],
    ['2.1', 'version = 2\n', grpc],
    ['2.1', 'version = 3\n', images],
  ])('containerd %s reads %j %s', (version, head, name) => {
    expect(asked(load(head + table(name), version), 'nginx')).toHaveLength(2);
  });

  test.each<[string, string, string]>([
    ['1.7', '', grpc],
    ['1.7', 'version = 2\n', images],
    ['2.1', 'version = 3\n', grpc],
    ['2.1', 'version = 2\n', 'plugins.cri.registry'],
  ])('containerd %s does not read %j %s, which gives a warning', (version, head, name) => {
    const list = load(head + table(name), version);
    expect(asked(list, 'nginx')).toEqual(['https://registry-1.docker.io/v2 library/nginx']);
    expect(codes(list, 'nginx')).toEqual(['PluginTableIgnored']);
  });
});

describe('a broken file', () => {
  test('a config.toml that is not TOML is rejected with line and column', () => {
    expect(thrown(() => load('version = 2\nx = \n'))).toMatchObject({ code: 'SYNTAX', line: 2, column: 5 });
  });

  test.each([
    [
      'an endpoint that is not a list',
      `version = 2\n[${grpc}.mirrors."docker.io"]\nendpoint = "https://m.corp"\n`,
      3,
    ],
    [
      'an endpoint that is not a URL',
      `version = 2\n[${grpc}.mirrors."docker.io"]\n\nendpoint = ["https://a b"]\n`,
      4,
    ],
    ['mirrors that are not a table', `version = 2\n[${grpc}]\nmirrors = 1\n`, 3],
    ['a user name that is not a string', `version = 2\n[${grpc}.configs.x.auth]\nusername = 1\n`, 3],
    [
      'a switch that is not a boolean',
      `version = 2\n[${grpc}.configs.x.tls]\ninsecure_skip_verify = "yes"\n`,
      3,
    ],
  ])('a config.toml with %s is rejected with its line', (_, text, line) => {
    expect(thrown(() => load(text, '1.7'))).toMatchObject({ code: 'INVALID', line });
  });
});

describe('imports', () => {
  const mirror = (url: string, registry = 'docker.io') =>
    `version = 2\n[${grpc}.mirrors."${registry}"]\nendpoint = ["${url}"]\n`;

  test('imports are read relative to the file in lexical order, and later tables win from containerd 2.0 on', () => {
    const list = load(`imports = ["conf.d/*.toml"]\n${mirror('https://main.corp')}`, '2.0', {
      'conf.d/20.toml': mirror('https://twenty.corp'),
      'conf.d/10.toml': mirror('https://ten.corp'),
      'conf.d/30.toml': mirror('https://q.corp', 'quay.io'),
      'conf.d/other.conf': mirror('https://other.corp'),
    });
    expect(asked(list, 'nginx')[0]).toBe('https://twenty.corp/v2 library/nginx');
    expect(asked(list, 'quay.io/a/b')[0]).toBe('https://q.corp/v2 a/b');
    expect(listOf(list, 'nginx').endpoints[0]?.source).toEqual({ file: 'conf.d/20.toml', line: 3 });
  });

  test('an import replaces the whole plugin in containerd 1.x', () => {
    const list = load(`imports = ["more.toml"]\n${mirror('https://main.corp')}`, '1.7', {
      'more.toml': mirror('https://q.corp', 'quay.io'),
    });
    expect(asked(list, 'nginx')).toEqual(['https://registry-1.docker.io/v2 library/nginx']);
    expect(asked(list, 'quay.io/a/b')[0]).toBe('https://q.corp/v2 a/b');
  });

  test('imports with absolute paths go through the path map and may import each other', () => {
    const list = load('version = 2\nimports = ["/etc/containerd/a.toml"]\n', '2.0', {
      '/host/etc/containerd/a.toml': `imports = ["b.toml", "a.toml"]\n${mirror('https://a.corp')}`,
      '/host/etc/containerd/b.toml': mirror('https://b.corp'),
    });
    expect(asked(list, 'nginx')[0]).toBe('https://b.corp/v2 library/nginx');
  });

  test('an import that does not exist is rejected, a pattern that matches nothing is not', () => {
    expect(thrown(() => load('imports = ["gone.toml"]\n'))).toMatchObject({
      code: 'NOT_FOUND',
      file: 'gone.toml',
    });
    expect(() => load('imports = ["gone/*.toml"]\n')).not.toThrow();
  });

  test('a broken import is rejected under its own name', () => {
    expect(thrown(() => load('imports = ["a.toml"]\n', 'auto', { 'a.toml': 'x = \n' }))).toMatchObject({
      code: 'SYNTAX',
      file: 'a.toml',
      line: 1,
    });
  });
});

describe('a colon-separated config_path', () => {
  const trees = {
    '/host/etc/a/docker.io/hosts.toml': 'server = "https://registry-1.docker.io"\n[host."https://m.corp"]\n',
    '/host/etc/b/': '',
  };
  const config = (settings: string) =>
    `version = 3\n[plugins."io.containerd.cri.v1.images"]\n${settings}\n[${images}]\nconfig_path = "/etc/a:/etc/b"\n`;

  test.each([
    'use_local_image_pull = true',
    'max_concurrent_downloads = 10',
    'image_pull_with_sync_fs = true',
    'discard_unpacked_layers = true',
    'disable_snapshot_annotations = false',
    `[${images}.auths."https://r.corp"]`,
  ])('a config_path list is split by containerd 2.1 and later with %s', (setting) => {
    const list = load(config(setting), '2.2', trees);
    expect(asked(list, 'nginx')).toEqual([
      'https://m.corp/v2 library/nginx',
      'https://registry-1.docker.io/v2 library/nginx',
    ]);
    expect(list.profiles.map(({ name }) => name)).toEqual(['containerd-local']);
  });

  test.each(['', 'max_concurrent_downloads = 3', 'disable_snapshot_annotations = true'])(
    'a config_path list is ignored by containerd 2.1 and later with %j, with a warning at its line',
    (setting) => {
      const list = load(config(setting), '2.2', trees);
      expect(asked(list, 'nginx')).toEqual(['https://registry-1.docker.io/v2 library/nginx']);
      expect(listOf(list, 'nginx').warnings).toMatchObject([
        { code: 'ColonListIgnored', source: 'config.toml:5' },
      ]);
      expect(list.profiles.map(({ name }) => name)).toEqual(['containerd-transfer']);
    },
  );

  test('a config_path list is split by containerd 1.7 and 2.0', () => {
    for (const version of ['1.7', '2.0']) {
      const head = version === '1.7' ? `version = 2\n[${grpc}]` : `version = 3\n[${images}]`;
      const list = load(`${head}\nconfig_path = "/etc/a:/etc/b"\n`, version, trees);
      expect(asked(list, 'nginx')).toHaveLength(2);
    }
  });

  test('the default config_path of containerd 2.2 and later is a list, which the transfer service ignores', () => {
    const own = { '/host/etc/containerd/certs.d/docker.io/hosts.toml': '[host."https://m.corp"]\n' };
    expect(codes(load('version = 3\n', '2.2', own), 'nginx')).toEqual(['ColonListIgnored']);
    expect(codes(load('version = 3\n', '2.1', own), 'nginx')).toEqual([]);
    expect(codes(load('version = 3\n', '2.2'), 'nginx')).toEqual([]);
    const local = 'version = 3\n[plugins."io.containerd.cri.v1.images"]\nuse_local_image_pull = true\n';
    expect(asked(load(local, '2.2', own), 'nginx')[0]).toBe('https://m.corp/v2 library/nginx');
  });
});

describe('a table without effect', () => {
  test('an unknown table gives a warning at its line', () => {
    const text = `version = 2\n[plugins."io.containerd.grpc.v1.cri".registry.mirror."docker.io"]\nendpoint = ["https://m.corp"]\n`;
    expect(listOf(load(text), 'nginx').warnings).toEqual([
      {
        code: 'UnknownKey',
        message: 'containerd ignores the key mirror; did you mean mirrors?',
        source: 'config.toml:2',
      },
    ]);
  });

  test('tls in configs gives a warning from containerd 2.0 on, which removed it', () => {
    const text = `version = 2\n[${grpc}.configs."quay.io".tls]\ninsecure_skip_verify = true\n`;
    const list = listOf(load(text, '2.0'), 'quay.io/a/b');
    expect(list.endpoints[0]?.tls.skipVerify).toBe(false);
    expect(list.warnings).toMatchObject([{ code: 'TlsIgnored', source: 'config.toml:2' }]);
    expect(listOf(load(text, '1.7'), 'quay.io/a/b').endpoints[0]?.tls.skipVerify).toBe(true);
  });
});

test('the older table auths gives credentials by the host of its URL', () => {
  const text = `version = 2\n[${grpc}.auths."https://quay.io"]\nusername = "u"\npassword = "p"\n`;
  expect(listOf(load(text), 'quay.io/a/b').endpoints[0]?.credential).toEqual({
    username: 'u',
    password: 'p',
  });
});
