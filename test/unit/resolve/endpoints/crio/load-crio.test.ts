import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { loadCrio } from '../../../../../src/resolve/endpoints/crio/load-crio.ts';
import { memoryFiles } from '../../../../kit/fakes/memory-files.ts';
import { asked, codes, listOf, open, thrown } from '../summary.ts';

const digest = `sha256:${'7'.repeat(64)}`;

/** `files`: drop-ins by name, other files by path. */
function load(
  conf: string,
  dropIns: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
) {
  const named = Object.entries(dropIns).map(([name, text]) => [`conf.d/${name}`, text]);
  return loadCrio(
    { registriesConf: 'registries.conf', dropIns: 'conf.d', crioConf: null, version: 'auto', pathMap: {} },
    memoryFiles({ 'registries.conf': conf, ...Object.fromEntries(named), ...files }),
  );
}

const team = `
[[registry]]
prefix = "corp.test/team"
location = "origin.corp.test/t"

[[registry.mirror]]
location = "one.corp.test"

[[registry.mirror]]
location = "two.corp.test:5000/cache/"
insecure = true
`;

describe('CRI-O', () => {
  test('mirrors are asked in order, the registry itself last, each with its own repository', () => {
    expect(asked(load(team), 'corp.test/team/app:1')).toEqual([
      'https://one.corp.test/v2 app',
      'https://two.corp.test:5000/v2 cache/app',
      'https://origin.corp.test/v2 t/app',
    ]);
  });

  test('the source of an endpoint is its line, and the default has none', () => {
    expect(listOf(load(team), 'corp.test/team/app').endpoints.map(({ source }) => source?.line)).toEqual([
      6, 9, 2,
    ]);
    expect(listOf(load(team), 'corp.test/other/app').endpoints).toMatchObject([
      { source: null, role: 'upstream' },
    ]);
  });

  test('mirrors get no ns=', () => {
    expect(
      listOf(load(team), 'corp.test/team/app').endpoints.every(({ namespace }) => namespace === null),
    ).toBe(true);
  });

  test('insecure allows unverified certificates and http for that endpoint alone', () => {
    const loose = listOf(load(team), 'corp.test/team/app').endpoints.map(({ tls, plainFallback }) => [
      tls.skipVerify,
      plainFallback,
    ]);
    expect(loose).toEqual([
      [false, []],
      [true, ['AnyFailure']],
      [false, []],
    ]);
  });

  test('a loopback registry has no privileges', () => {
    const [endpoint] = listOf(load(''), 'localhost:5000/app').endpoints;
    expect(endpoint).toMatchObject({
      url: 'https://localhost:5000/v2',
      plainFallback: [],
      nodeLocal: true,
      tls: { skipVerify: false },
    });
  });

  test('Docker Hub is asked at registry-1.docker.io, and its entry is found as docker.io', () => {
    const mirrors = load(
      '[[registry]]\nlocation = "docker.io"\n[[registry.mirror]]\nlocation = "hub.corp.test"\n',
    );
    expect(asked(mirrors, 'docker.io/library/nginx')).toEqual([
      'https://hub.corp.test/v2 library/nginx',
      'https://registry-1.docker.io/v2 library/nginx',
    ]);
  });
});

describe('mirrors for one kind of reference', () => {
  const conf = `
[[registry]]
location = "corp.test"
[[registry.mirror]]
location = "by-digest.corp.test"
pull-from-mirror = "digest-only"
[[registry.mirror]]
location = "by-tag.corp.test"
pull-from-mirror = "tag-only"
[[registry.mirror]]
location = "both.corp.test"
pull-from-mirror = "all"
`;
  test.each([
    [
      'a tag',
      'corp.test/app:1',
      ['https://by-tag.corp.test/v2', 'https://both.corp.test/v2', 'https://corp.test/v2'],
    ],
    [
      'a digest',
      `corp.test/app@${digest}`,
      ['https://by-digest.corp.test/v2', 'https://both.corp.test/v2', 'https://corp.test/v2'],
    ],
    [
      'a digest beside a tag',
      `corp.test/app:1@${digest}`,
      ['https://by-digest.corp.test/v2', 'https://both.corp.test/v2', 'https://corp.test/v2'],
    ],
  ])('%s leaves those that take it', (_, image, urls) => {
    const list = listOf(load(conf), image);
    expect(open(list).map(({ url }) => url)).toEqual(urls);
    expect(list.endpoints.filter(({ skip }) => skip).map(({ skip }) => skip?.reason)).toEqual(['Capability']);
  });

  test('the older mirror-by-digest-only is for all mirrors', () => {
    const old =
      '[[registry]]\nlocation = "corp.test"\nmirror-by-digest-only = true\n[[registry.mirror]]\nlocation = "m.corp.test"\n';
    expect(open(listOf(load(old), 'corp.test/app:1')).map(({ role }) => role)).toEqual(['upstream']);
    expect(open(listOf(load(old), `corp.test/app@${digest}`)).map(({ role }) => role)).toEqual([
      'mirror',
      'upstream',
    ]);
    expect(listOf(load(old), 'corp.test/app:1').endpoints[0]?.skip?.message).toMatch(
      /asked by digest.*registries\.conf:4/,
    );
  });
});

describe('blocked registries', () => {
  test('mirrors are still asked, the registry itself is not', () => {
    const list = listOf(
      load(team.replace('location = "origin', 'blocked = true\nlocation = "origin')),
      'corp.test/team/app',
    );
    expect(list.endpoints.map(({ skip }) => skip?.reason ?? null)).toEqual([null, null, 'Blocked']);
    expect(list.endpoints[2]?.skip?.message).toBe('corp.test/team is blocked (registries.conf:2)');
  });

  test('a mirror that leads into a blocked registry is not asked either', () => {
    const mirrors = load(`${team}[[registry]]\nlocation = "one.corp.test"\nblocked = true\n`);
    expect(listOf(mirrors, 'corp.test/team/app').endpoints.map(({ skip }) => skip?.reason ?? null)).toEqual([
      'Blocked',
      null,
      null,
    ]);
  });

  test('nothing blocked is ever left open, whatever the table', () => {
    const place = fc.constantFrom('a.test', 'b.test', 'a.test/x', 'b.test/x', 'a.test/x/y', 'c.test');
    const registry = fc.record({
      prefix: place,
      location: place,
      blocked: fc.boolean(),
      mirrors: fc.array(place, { maxLength: 3 }),
    });
    const tables = fc.uniqueArray(registry, { selector: ({ prefix }) => prefix, maxLength: 5 });
    fc.assert(
      fc.property(tables, fc.constantFrom('a.test/x/y/z', 'b.test/x', 'c.test/app'), (entries, image) => {
        // Each in a file of its own: within one, entries that contradict each other are refused.
        const files = entries.map(({ prefix, location, blocked, mirrors }, index) => [
          `${index}.conf`,
          [
            `[[registry]]\nprefix = "${prefix}"\nlocation = "${location}"\nblocked = ${blocked}\n`,
            ...mirrors.map((mirror) => `[[registry.mirror]]\nlocation = "${mirror}"\n`),
          ].join(''),
        ]);
        const list = load('', Object.fromEntries(files) as Record<string, string>);
        const best = (name: string) =>
          entries
            .filter(({ prefix }) => `${name}/`.startsWith(`${prefix}/`))
            .sort((a, b) => b.prefix.length - a.prefix.length)[0];
        for (const { url, repository, role } of open(listOf(list, image))) {
          expect(best(`${new URL(url).host}/${repository}`)?.blocked ?? false).toBe(false);
          if (role === 'upstream') expect(best(image)?.blocked ?? false).toBe(false);
        }
      }),
    );
  });
});

describe('drop-ins', () => {
  test('are read in the order of their names and replace whole entries', () => {
    const mirrors = load(team, {
      '20-b.conf': '[[registry]]\nprefix = "corp.test/team"\nlocation = "b.corp.test"\n',
      '10-a.conf': '[[registry]]\nprefix = "corp.test/team"\nlocation = "a.corp.test"\ninsecure = true\n',
      '30-c.conf.off': 'not even TOML',
    });
    expect(listOf(mirrors, 'corp.test/team/app').endpoints).toMatchObject([
      { url: 'https://b.corp.test/v2', plainFallback: [], source: { file: 'conf.d/20-b.conf', line: 1 } },
    ]);
  });

  test('have to be of version 2, as the main file has not', () => {
    const old =
      '[registries.insecure]\nregistries = ["lab.corp.test"]\n[registries.block]\nregistries = ["bad.corp.test/"]\n';
    expect(listOf(load(old), 'lab.corp.test/app').endpoints[0]?.plainFallback).toEqual(['AnyFailure']);
    expect(listOf(load(old), 'bad.corp.test/app').endpoints[0]?.skip?.reason).toBe('Blocked');
    expect(thrown(() => load('', { 'a.conf': old }))).toMatchObject({
      code: 'INVALID',
      file: 'conf.d/a.conf',
    });
  });

  test('may be missing altogether', () => {
    const options = {
      registriesConf: 'registries.conf',
      dropIns: null,
      crioConf: null,
      version: 'auto',
      pathMap: {},
    };
    expect(asked(loadCrio(options, memoryFiles({ 'registries.conf': team })), 'quay.io/app')).toEqual([
      'https://quay.io/v2 app',
    ]);
  });
});

describe('what hardly anybody expects', () => {
  test('a prefix without a port covers every port, and the mirror gets that port too', () => {
    const mirrors = load(
      '[[registry]]\nlocation = "corp.test"\n[[registry.mirror]]\nlocation = "m.corp.test"\n',
    );
    expect(codes(mirrors, 'corp.test:5000/app')).toEqual(['PortCovered']);
    expect(asked(mirrors, 'corp.test:5000/app')[0]).toBe('https://m.corp.test:5000/v2 app');
    expect(codes(mirrors, 'corp.test/app')).toEqual([]);
  });

  test('a wildcard beats a host that is as long', () => {
    const mirrors = load(
      '[[registry]]\nprefix = "x.corp.test"\nlocation = "own.test"\n[[registry]]\nprefix = "*.corp.test"\nlocation = "wild.test"\n',
    );
    expect(asked(mirrors, 'x.corp.test/app')).toEqual(['https://wild.test/v2 app']);
    expect(codes(mirrors, 'x.corp.test/app')).toEqual(['PrefixTie']);
  });

  test('drop-ins may contradict each other, a single file may not', () => {
    const [a, b] = [
      '[[registry]]\nprefix = "a.test"\nlocation = "corp.test"\ninsecure = true\n',
      '[[registry]]\nprefix = "b.test"\nlocation = "corp.test"\n',
    ];
    expect(codes(load(a, { 'b.conf': b }), 'b.test/app')).toEqual(['EntriesDiffer']);
    expect(thrown(() => load(a + b))).toMatchObject({
      code: 'INVALID',
      message: expect.stringMatching(/corp\.test .*insecure.*lines 1 and 5/),
    });
  });

  test('one location that makes no reference ends the whole pull', () => {
    const mirrors = load(
      '[[registry]]\nprefix = "corp.test"\nlocation = "corp.test"\n[[registry.mirror]]\nlocation = "docker.io"\n',
    );
    expect(listOf(mirrors, 'corp.test/app')).toMatchObject({
      endpoints: [],
      warnings: [{ code: 'RewriteInvalid', source: 'registries.conf:4' }],
    });
    expect(asked(mirrors, 'corp.test/team/app')).toHaveLength(2);
  });

  test('a mirror that is not meant for the reference cannot spoil it', () => {
    const mirrors = load(
      '[[registry]]\nlocation = "corp.test"\n[[registry.mirror]]\nlocation = "docker.io"\npull-from-mirror = "digest-only"\n',
    );
    expect(asked(mirrors, 'corp.test/app:1')).toEqual(['https://corp.test/v2 app']);
  });
});

describe('certificates', () => {
  const files = {
    '/etc/containers/certs.d/corp.test/ca.crt': 'FIRST',
    '/etc/docker/certs.d/corp.test/ca.crt': 'SECOND',
    '/etc/docker/certs.d/docker.io/ca.crt': 'HUB',
  };
  test("come from CRI-O's directory, else from dockerd's", () => {
    const mirrors = load('', {}, files);
    expect(listOf(mirrors, 'corp.test/app').endpoints[0]?.tls.caPem).toEqual(['FIRST']);
    expect(listOf(mirrors, 'docker.io/library/nginx').endpoints[0]?.tls.caPem).toEqual(['HUB']);
  });
});

describe('a registries.conf that cannot be used', () => {
  test.each([
    ['no TOML', '[[registry]]\nlocation = corp.test\n', 'SYNTAX', 2, 12],
    ['a wrong type', '\n[[registry]]\nlocation = "corp.test"\nblocked = "yes"\n', 'INVALID', 4, 11],
    ['a URL', '[[registry]]\nlocation = "https://corp.test"\n', 'INVALID', 1, 1],
    ['nothing to match', '[[registry]]\ninsecure = true\n', 'INVALID', 1, 1],
    ['a wildcard with a path', '[[registry]]\nprefix = "*.corp.test/team"\n', 'INVALID', 1, 1],
    ['a prefix without a place to go', '[[registry]]\nprefix = "corp.test"\n', 'INVALID', 1, 1],
    [
      'a mirror without a place',
      '[[registry]]\nlocation = "corp.test"\n[[registry.mirror]]\ninsecure = true\n',
      'INVALID',
      3,
      1,
    ],
    [
      'an unknown restriction',
      '[[registry]]\nlocation = "corp.test"\n[[registry.mirror]]\nlocation = "m.test"\npull-from-mirror = "tags"\n',
      'INVALID',
      3,
      1,
    ],
    [
      'two versions in one',
      'unqualified-search-registries = ["a.test"]\n[registries.block]\nregistries = []\n',
      'INVALID',
      null,
      null,
    ],
    ['a search list with a path', 'unqualified-search-registries = ["a.test/x"]\n', 'INVALID', null, null],
  ])('a registries.conf with %s is rejected at its place', (_, conf, code, line, column) => {
    expect(thrown(() => load(conf))).toMatchObject({
      name: 'MirrorConfigError',
      code,
      file: 'registries.conf',
      line,
      column,
    });
  });

  test('a missing file is an error', () => {
    const options = {
      registriesConf: 'registries.conf',
      dropIns: null,
      crioConf: null,
      version: 'auto',
      pathMap: {},
    };
    expect(thrown(() => loadCrio(options, memoryFiles({})))).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('unknown keys give a warning, and names are found in any case', () => {
    const mirrors = load(
      'colour = "red"\n[[Registry]]\nLocation = "corp.test"\nInsecure = true\n__proto__ = "x"\n',
    );
    expect(listOf(mirrors, 'corp.test/app').endpoints[0]).toMatchObject({
      plainFallback: ['AnyFailure'],
      source: { line: 2 },
    });
  });
});

describe('a key of registries.conf that CRI-O does not know', () => {
  const warnings = (conf: string, dropIns = {}) =>
    listOf(load(conf, dropIns), 'quay.io/team/app').warnings.filter(({ code }) => code === 'UnknownKey');

  test('is reported at its line, with the tables to write instead of mirrors', () => {
    const conf = `unqualified-search-registries = ["registry.c.local:5000"]

[[registry]]
  prefix = ""
  location = "quay.io/openshift-release-dev/ocp-release"
  mirror-by-digest-only = true
  mirrors = ["registry.c.local:5000/openshift/release"]
`;
    expect(warnings(conf)).toEqual([
      {
        code: 'UnknownKey',
        message: 'CRI-O ignores the key mirrors; write a [[registry.mirror]] table for each mirror',
        source: 'registries.conf:7',
      },
    ]);
  });

  test('is reported with the nearest key, in mirrors and drop-ins too', () => {
    const conf =
      'unqualified-search-registris = []\n[[registry]]\nlocation = "a.b"\n[[registry.mirror]]\nlocation = "c.d"\ninsecur = true\n';
    expect(
      warnings(conf, { 'x.conf': 'short-name-modes = "x"\n' }).map(
        ({ message, source }) => `${source} ${message}`,
      ),
    ).toEqual([
      'registries.conf:1 CRI-O ignores the key unqualified-search-registris; did you mean unqualified-search-registries?',
      'registries.conf:6 CRI-O ignores the key insecur; did you mean insecure?',
      expect.stringMatching(/x\.conf:1 .* did you mean short-name-mode\?$/),
    ]);
  });
});
