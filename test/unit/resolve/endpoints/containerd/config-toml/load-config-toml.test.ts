import { describe, expect, test } from '@jest/globals';
import { containerdConfigToml } from '../../../../../../src/resolve/endpoints/containerd/config-toml/load-config-toml.ts';
import { memoryFiles } from '../../../../../kit/fakes/memory-files.ts';
import { asked, codes, listOf, open, thrown } from '../../summary.ts';

const grpc = 'plugins."io.containerd.grpc.v1.cri".registry';
const images = 'plugins."io.containerd.cri.v1.images".registry';

function load(text: string, version = 'auto', files: Readonly<Record<string, string>> = {}) {
  const options = { configToml: 'config.toml', version, pathMap: { '/etc': '/host/etc' } };
  return containerdConfigToml(options, memoryFiles({ 'config.toml': text, ...files }));
}

const mirrored = `version = 2
[${grpc}.mirrors."docker.io"]
  endpoint = ["https://m.corp", "n.corp/proxy/v2"]
[${grpc}.mirrors."*"]
  endpoint = ["http://any.corp:5000"]
`;

describe('mirrors', () => {
  test('come in order, the registry itself last', () => {
    expect(asked(load(mirrored), 'nginx')).toEqual([
      'https://m.corp/v2 library/nginx',
      'https://n.corp/proxy/v2 library/nginx',
      'https://registry-1.docker.io/v2 library/nginx',
    ]);
  });

  test('of "*" serve registries without an entry of their own only', () => {
    const list = listOf(load(mirrored), 'quay.io/a/b');
    expect(list.endpoints.map(({ url }) => url)).toEqual(['http://any.corp:5000/v2', 'https://quay.io/v2']);
    expect(list.warnings.map(({ code }) => code)).toEqual(['PlainHttp']);
  });

  test('are used with the path as it is written', () => {
    const text = `version = 2\n[${grpc}.mirrors."docker.io"]\nendpoint = ["https://m.corp/proxy/"]\n`;
    expect(asked(load(text), 'nginx')[0]).toBe('https://m.corp/proxy library/nginx');
  });

  test('may name the registry itself, which is then not added', () => {
    const text = `version = 2\n[${grpc}.mirrors."quay.io"]\nendpoint = ["https://quay.io", "https://m.corp"]\n`;
    const { endpoints } = listOf(load(text), 'quay.io/a/b');
    expect(endpoints.map(({ url, role }) => [url, role])).toEqual([
      ['https://quay.io/v2', 'upstream'],
      ['https://m.corp/v2', 'mirror'],
    ]);
  });

  test('of a loopback registry end in plain http to it', () => {
    expect(asked(load(mirrored), 'localhost:5000/a')).toEqual([
      'http://any.corp:5000/v2 a',
      'http://localhost:5000/v2 a',
    ]);
  });

  test('tell where they were written', () => {
    const sources = listOf(load(mirrored), 'nginx').endpoints.map(({ source }) => source);
    expect(sources).toEqual([{ file: 'config.toml', line: 3 }, { file: 'config.toml', line: 3 }, null]);
  });
});

test('a rewrite applies to the endpoint that is written, though it is the registry itself, and not to the one that is not', () => {
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
  const { endpoints } = listOf(load(text, 'auto', files), 'nginx');

  test('give credentials by the host that is asked', () => {
    expect(endpoints.map(({ credential }) => credential)).toEqual([
      { username: 'user', password: 'secret' },
      null,
      { username: '', password: '', identityToken: 'token' },
    ]);
  });

  test('give certificates, found through the path map', () => {
    expect(endpoints[0]).toMatchObject({
      skip: null,
      tls: { ca: ['/etc/ca.crt'], caPem: ['CA'], clientPem: [{ cert: 'C', key: 'K' }] },
    });
  });

  test('do not turn http into https', () => {
    expect(endpoints[1]).toMatchObject({ url: 'http://plain.corp/v2', plainFallback: [] });
  });

  test('with a missing file rule out their host, naming the line', () => {
    const list = listOf(load(text), 'nginx');
    expect(list.endpoints[0]?.skip).toMatchObject({
      reason: 'FileMissing',
      message: expect.stringContaining('config.toml:7'),
    });
    expect(open(list)).toHaveLength(2);
  });

  test('with a broken auth are no credentials, and nothing of it is shown', () => {
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

  test('is followed through the path map and makes containerd ignore the mirrors', () => {
    const list = load(text, 'auto', files);
    expect(asked(list, 'nginx')[0]).toBe('https://m.corp/v2 library/nginx');
    expect(codes(list, 'nginx')).toEqual(['MirrorsIgnored', 'ServerOmitted']);
    expect(listOf(list, 'nginx').endpoints[0]?.source).toEqual({
      file: '/etc/containerd/certs.d/docker.io/hosts.toml',
      line: 1,
    });
  });

  test('keeps the credentials of configs', () => {
    const { endpoints } = listOf(load(text, 'auto', files), 'nginx');
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
  ])('containerd %s does not read %j %s, and that is said', (version, head, name) => {
    const list = load(head + table(name), version);
    expect(asked(list, 'nginx')).toEqual(['https://registry-1.docker.io/v2 library/nginx']);
    expect(codes(list, 'nginx')).toEqual(['PluginTableIgnored']);
  });
});

describe('a broken file', () => {
  test('is refused with line and column', () => {
    expect(thrown(() => load('version = 2\nx = \n'))).toMatchObject({ code: 'SYNTAX', line: 2, column: 5 });
  });

  test.each([
    ['an endpoint that is no list', `[${grpc}.mirrors."docker.io"]\nendpoint = "https://m.corp"\n`, 2],
    ['an endpoint that is no URL', `[${grpc}.mirrors."docker.io"]\n\nendpoint = ["https://a b"]\n`, 3],
    ['mirrors that are no table', `[${grpc}]\nmirrors = 1\n`, 2],
    ['a user name that is no string', `[${grpc}.configs.x.auth]\nusername = 1\n`, 2],
    ['a switch that is no boolean', `[${grpc}.configs.x.tls]\ninsecure_skip_verify = "yes"\n`, 2],
  ])('with %s is refused with its line', (_, text, line) => {
    expect(thrown(() => load(text))).toMatchObject({ code: 'INVALID', line });
  });

  test('is not one that imports others, but that is said', () => {
    expect(codes(load('version = 2\nimports = ["conf.d/*.toml"]\n'), 'nginx')).toEqual(['ImportsNotRead']);
  });
});
