import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { loadK3s } from '../../../../../src/resolve/endpoints/k3s/load-k3s.ts';
import { MirrorConfigError } from '../../../../../src/resolve/endpoints/mirror-config-error.ts';
import { memoryFiles } from '../../../../kit/fakes/memory-files.ts';
import { asked, codes, listOf, open, thrown } from '../summary.ts';

interface Setting {
  readonly disableDefaultEndpoint?: boolean;
  readonly embeddedRegistry?: boolean;
  readonly files?: Readonly<Record<string, string>>;
}

function load(text: string, { files = {}, ...setting }: Setting = {}) {
  const options = {
    registriesYaml: 'registries.yaml',
    disableDefaultEndpoint: false,
    embeddedRegistry: false,
    version: 'auto',
    pathMap: { '/etc': '/host/etc' },
    ...setting,
  };
  return loadK3s(options, memoryFiles({ 'registries.yaml': text, ...files }));
}

const hub = (...endpoints: string[]) =>
  `mirrors:\n  docker.io:\n    endpoint:\n${endpoints.map((each) => `      - ${each}\n`).join('')}`;

describe('endpoints', () => {
  test('endpoints are asked in order, the registry itself last', () => {
    expect(asked(load(hub('https://m.corp', 'n.corp:5000')), 'nginx')).toEqual([
      'https://m.corp/v2 library/nginx',
      'https://n.corp:5000/v2 library/nginx',
      'https://registry-1.docker.io/v2 library/nginx',
    ]);
  });

  test('an endpoint gets /v2 only if it has no path', () => {
    expect(
      asked(load(hub('https://a.corp/', 'https://b.corp/v2', 'https://c.corp/proxy')), 'nginx').slice(0, 3),
    ).toEqual([
      'https://a.corp/v2 library/nginx',
      'https://b.corp/v2 library/nginx',
      'https://c.corp/proxy library/nginx',
    ]);
  });

  test('a loopback endpoint with a port is asked by http and is node-local', () => {
    const { endpoints } = listOf(load(hub('127.0.0.1:5000', 'localhost')), 'nginx');
    expect(endpoints.map(({ url, nodeLocal }) => [url, nodeLocal])).toEqual([
      ['http://127.0.0.1:5000/v2', true],
      ['https://localhost/v2', true],
      ['https://registry-1.docker.io/v2', false],
    ]);
  });

  test('an endpoint given twice is asked once, and a text that is not a URL never', () => {
    const list = load(hub('m.corp', 'https://m.corp/v2', '"a b"'));
    expect(asked(list, 'nginx')).toHaveLength(2);
    expect(codes(list, 'nginx')).toEqual(['DuplicateEndpoint', 'EndpointIgnored']);
  });

  test('the source of an endpoint is its line, and the registry itself has none', () => {
    const { endpoints } = listOf(load(hub('m.corp', 'n.corp')), 'nginx');
    expect(endpoints.map(({ source }) => source?.line)).toEqual([4, 5, undefined]);
  });

  test('an endpoint gets the registry by ns= unless it is the registry', () => {
    const { endpoints } = listOf(load(hub('m.corp', 'docker.io')), 'nginx');
    expect(endpoints.map(({ url, namespace, role }) => [url, namespace, role])).toEqual([
      ['https://m.corp/v2', 'docker.io', 'mirror'],
      ['https://registry-1.docker.io/v2', null, 'upstream'],
    ]);
  });
});

describe('the registry itself', () => {
  test('the registry itself is not asked if disabled', () => {
    const list = load(hub('m.corp'), { disableDefaultEndpoint: true });
    expect(asked(list, 'nginx')).toEqual(['https://m.corp/v2 library/nginx']);
  });

  test('the registry itself is asked although disabled if it has a configuration, with a warning', () => {
    const text = `${hub('m.corp')}configs:\n  docker.io:\n    auth: { username: u, password: p }\n`;
    const list = load(text, { disableDefaultEndpoint: true });
    expect(asked(list, 'nginx')).toHaveLength(2);
    expect(codes(list, 'nginx')).toEqual(['DefaultEndpointKept']);
  });
});

describe('"*"', () => {
  const text = `mirrors:
  "*":
    endpoint: [https://any.corp]
  quay.io:
    endpoint: [https://q.corp]
  gcr.io:
`;

  test.each([
    ['a registry without an entry', 'ghcr.io/a/b', ['https://any.corp/v2 a/b', 'https://ghcr.io/v2 a/b']],
    ['a registry with an empty entry', 'gcr.io/a/b', ['https://any.corp/v2 a/b', 'https://gcr.io/v2 a/b']],
    ['not a registry with mirrors', 'quay.io/a/b', ['https://q.corp/v2 a/b', 'https://quay.io/v2 a/b']],
  ])('"*" serves %s', (_, image, want) => {
    expect(asked(load(text), image)).toEqual(want);
  });

  test('"*" does not serve a registry that has only a configuration, with a warning', () => {
    const list = load(`${text}configs:\n  ghcr.io:\n    tls: { insecure_skip_verify: true }\n`);
    expect(asked(list, 'ghcr.io/a/b')).toEqual(['https://ghcr.io/v2 a/b']);
    expect(codes(list, 'ghcr.io/a/b')).toEqual(['ConfigShadowsWildcard']);
  });

  test('"*" under configs turns verification off for all registries and gives none its credentials', () => {
    const list = load(
      'configs:\n  "*":\n    auth: { username: u, password: p }\n    tls: { insecure_skip_verify: true }\n',
    );
    expect(listOf(list, 'ghcr.io/a/b').endpoints).toMatchObject([
      { tls: { skipVerify: true }, credential: null },
    ]);
    expect(codes(list, 'ghcr.io/a/b')).toEqual(['WildcardAuthIgnored']);
  });

  test('"*" under mirrors and configs does not configure the registries themselves', () => {
    const list = load(`${text}configs:\n  "*":\n    tls: { insecure_skip_verify: true }\n`);
    expect(listOf(list, 'ghcr.io/a/b').endpoints.at(-1)?.tls.skipVerify).toBe(false);
    expect(codes(list, 'ghcr.io/a/b')).toEqual(['WildcardConfigForgotten']);
  });
});

describe('configs', () => {
  const text = `${hub('https://m.corp:5000', 'docker.io')}configs:
  m.corp:5000:
    auth:
      username: robot
      password: 0123
    tls:
      ca_file: /etc/ca.crt
      cert_file: /etc/c.crt
      key_file: /etc/c.key
  docker.io:
    auth: { auth: dXNlcjpwYXNz }
`;
  const files = { '/host/etc/ca.crt': 'CA', '/host/etc/c.crt': 'C', '/host/etc/c.key': 'K' };

  test('configs give an endpoint the credentials of its host, digits unchanged', () => {
    expect(listOf(load(text, { files }), 'nginx').endpoints.map(({ credential }) => credential)).toEqual([
      { username: 'robot', password: '0123' },
      { username: 'user', password: 'pass' },
    ]);
  });

  test('configs give certificates, found through the path map', () => {
    expect(listOf(load(text, { files }), 'nginx').endpoints[0]).toMatchObject({
      skip: null,
      tls: { ca: ['/etc/ca.crt'], caPem: ['CA'], clientPem: [{ cert: 'C', key: 'K' }] },
    });
  });

  test('a missing certificate in configs skips its endpoint, naming the line', () => {
    const list = listOf(load(text), 'nginx');
    expect(list.endpoints[0]?.skip).toMatchObject({
      reason: 'FileMissing',
      message: expect.stringContaining('registries.yaml:8'),
    });
    expect(open(list)).toHaveLength(1);
  });
});

describe('rewrites', () => {
  const rewritten = (rules: string, ...endpoints: string[]) =>
    load(`${hub(...endpoints)}    rewrite:\n${rules}`);

  test('rewrites apply to every endpoint that is written, the registry itself included', () => {
    const list = rewritten('      "^library/(.*)": "hub/$1"\n', 'm.corp', 'docker.io');
    expect(asked(list, 'nginx')).toEqual([
      'https://m.corp/v2 hub/nginx',
      'https://registry-1.docker.io/v2 hub/nginx',
    ]);
  });

  test('rewrites do not apply to the registry itself if it is not written', () => {
    const list = rewritten('      "^library/(.*)": "hub/$1"\n', 'm.corp');
    expect(asked(list, 'nginx')[1]).toBe('https://registry-1.docker.io/v2 library/nginx');
  });

  test('several rewrites that apply skip the endpoint, and several of which one applies give a warning', () => {
    const list = rewritten('      "^library/": "hub/"\n      "nginx": "web"\n', 'm.corp');
    expect(listOf(list, 'nginx').endpoints[0]?.skip?.reason).toBe('AmbiguousRewrite');
    expect(asked(list, 'redis')[0]).toBe('https://m.corp/v2 hub/redis');
    expect(codes(list, 'redis')).toEqual(['SeveralRewrites']);
  });
});

describe('the embedded registry', () => {
  const list = load(`${hub('m.corp')}    rewrite: { "^library/": "hub/" }\n`, { embeddedRegistry: true });

  test('the embedded registry is the first mirror of registries under mirrors, node-local and without rewrites', () => {
    expect(asked(list, 'nginx')).toEqual([
      'https://127.0.0.1:6443/v2 library/nginx',
      'https://m.corp/v2 hub/nginx',
      'https://registry-1.docker.io/v2 library/nginx',
    ]);
    expect(listOf(list, 'nginx').endpoints[0]).toMatchObject({ nodeLocal: true, source: { line: 3 } });
  });

  test('the embedded registry does not serve other registries', () => {
    expect(asked(list, 'quay.io/a/b')).toEqual(['https://quay.io/v2 a/b']);
  });
});

describe('the file', () => {
  test('an empty registries.yaml means upstream only', () => {
    expect(asked(load(''), 'nginx')).toEqual(['https://registry-1.docker.io/v2 library/nginx']);
  });

  test('a missing registries.yaml is rejected', () => {
    const options = {
      registriesYaml: 'no.yaml',
      disableDefaultEndpoint: false,
      embeddedRegistry: false,
      version: 'auto',
      pathMap: {},
    };
    expect(thrown(() => loadK3s(options, memoryFiles({})))).toMatchObject({
      code: 'NOT_FOUND',
      file: 'no.yaml',
    });
  });

  test.each<[string, string, string, number, number]>([
    ['no YAML', 'mirrors:\n  a: [\n', 'SYNTAX', 3, 1],
    ['a list where a map should be', 'mirrors:\n  - docker.io\n', 'INVALID', 2, 3],
    ['an endpoint that is not a list', 'mirrors:\n  docker.io:\n    endpoint: m.corp\n', 'INVALID', 3, 15],
    [
      'a switch that is none',
      'configs:\n  a:\n    tls:\n      insecure_skip_verify: maybe\n',
      'INVALID',
      4,
      29,
    ],
  ])('a registries.yaml with %s is rejected with line and column', (_, text, code, line, column) => {
    expect(thrown(() => load(text))).toMatchObject({ code, line, column });
  });

  test('an error shows no password', () => {
    expect(thrown(() => load('configs:\n  a:\n    auth: hunter2\n')).message).not.toContain('hunter2');
  });

  test('merged maps are read, and own entries win', () => {
    const list = load(`x: &base
  auth: { username: u, password: p }
  tls: { insecure_skip_verify: yes }
configs:
  quay.io:
    <<: *base
    auth: { username: own, password: p }
`);
    expect(listOf(list, 'quay.io/a/b').endpoints[0]).toMatchObject({
      credential: { username: 'own', password: 'p' },
      tls: { skipVerify: true },
    });
  });

  test('aliases that multiply a registries.yaml are rejected', () => {
    const many = (name: string) => Array.from({ length: 400 }, () => `*${name}`).join(', ');
    const bomb = `a: &a [x]\nb: &b [${many('a')}]\nc: &c [${many('b')}]\nmirrors: { r: { endpoint: *c } }\n`;
    expect(thrown(() => load(bomb))).toMatchObject({
      code: 'SYNTAX',
      message: expect.stringContaining('counted with aliases'),
    });
  });

  test('a registries.yaml that nests too deep is rejected', () => {
    expect(thrown(() => load(`mirrors: ${'['.repeat(50_000)}`)).code).toBe('SYNTAX');
  });

  test('any registries.yaml gives a list with an endpoint, or a MirrorConfigError', () => {
    const scalar = fc.oneof(
      fc.constantFrom('docker.io', '*', 'm.corp', 'https://m.corp/x', '127.0.0.1:1'),
      fc.string(),
    );
    const value = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 5 },
        scalar,
        fc.constant(null),
        fc.array(tie('any')),
        fc.dictionary(scalar, tie('any')),
      ),
    })).any;
    const mirrors = fc.dictionary(
      scalar,
      fc.record({ endpoint: fc.array(scalar), rewrite: fc.dictionary(scalar, scalar) }),
    );
    const document = fc.record({
      mirrors: fc.oneof(mirrors, value),
      configs: fc.oneof(fc.constant({}), value),
    });
    fc.assert(
      fc.property(document, fc.boolean(), (content, embeddedRegistry) => {
        try {
          const list = load(JSON.stringify(content), { embeddedRegistry });
          expect(asked(list, 'nginx').length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(MirrorConfigError);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('an entry without effect', () => {
  const warnings = (text: string) =>
    listOf(load(text), 'nginx').warnings.filter(({ code }) => code === 'UnknownKey');

  test('an unknown key is reported at its line with the nearest one', () => {
    const text =
      'mirrors:\n  "docker.io":\n    endpoint":\n      - "http://10.43.251.176:15001/v2/docker.io/"\n';
    expect(warnings(text)).toEqual([
      {
        code: 'UnknownKey',
        message: 'k3s ignores the key endpoint"; did you mean endpoint?',
        source: 'registries.yaml:3',
      },
    ]);
  });

  test.each([
    ['mirror:\n  docker.io: {}\n', 'mirrors'],
    ['configs:\n  r.corp:\n    auths: {}\n', 'auth'],
    ['configs:\n  r.corp:\n    auth: { user: u, identitytoken: t }\n', 'identity_token'],
    ['configs:\n  r.corp:\n    tls: { insecure_skip_verfy: true }\n', 'insecure_skip_verify'],
    ['mirrors:\n  docker.io:\n    rewrites: {}\n', 'rewrite'],
  ])('the unknown key in %j is reported with %s', (text, near) => {
    expect(
      warnings(text)
        .map(({ message }) => message)
        .join(),
    ).toContain(`did you mean ${near}?`);
  });

  test('an entry under configs that matches no endpoint is reported at its line', () => {
    const text = `mirrors:
  docker.io:
    endpoint: ["https://m.corp:5000"]
configs:
  "https://m.corp:5000": { tls: { insecure_skip_verify: true } }
  "m.corp": { tls: { insecure_skip_verify: true } }
  "registry.corp": { auth: { username: u, password: p } }
`;
    expect(warnings(text)).toMatchObject([
      {
        message: expect.stringMatching(
          /https:\/\/m\.corp:5000 under configs matches no endpoint.*write m\.corp:5000/,
        ),
        source: 'registries.yaml:5',
      },
      {
        message: expect.stringMatching(/^m\.corp under configs matches no endpoint/),
        source: 'registries.yaml:6',
      },
    ]);
  });

  test('an entry under configs for a registry without mirrors is not reported', () => {
    expect(warnings('configs:\n  registry.corp:5000: { auth: { username: u, password: p } }\n')).toEqual([]);
  });
});

test('credentials make containerd 2.1 pull without the transfer service', () => {
  const list = (text: string) =>
    loadK3s(
      {
        registriesYaml: 'r.yaml',
        disableDefaultEndpoint: false,
        embeddedRegistry: false,
        version: '2.1',
        pathMap: {},
      },
      memoryFiles({ 'r.yaml': text }),
    );
  expect(list('mirrors: {}').profiles[0]?.name).toBe('containerd-transfer');
  const auth = 'configs: { r.corp: { auth: { username: u, password: p } } }';
  expect(list(auth).profiles[0]?.name).toBe('containerd-local');
});

test('a second document in registries.yaml is rejected', () => {
  expect(thrown(() => load('mirrors: {}\n---\nmirrors: {}\n'))).toMatchObject({ code: 'SYNTAX', line: 3 });
});
