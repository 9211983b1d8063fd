import { describe, expect, test } from '@jest/globals';
import { loadCrio } from '../../../../../src/resolve/endpoints/crio/load-crio.ts';
import type { MirrorList } from '../../../../../src/resolve/endpoints/endpoint.ts';
import { parseReference } from '../../../../../src/resolve/reference/parse.ts';
import { memoryFiles } from '../../../../kit/fakes/memory-files.ts';
import { asked, thrown } from '../summary.ts';

interface More {
  readonly version?: string;
  readonly dropIn?: string;
  readonly crioConf?: string;
}

function load(conf: string, { version = '1.34', dropIn = '', crioConf = '' }: More = {}): MirrorList {
  const files = memoryFiles({ 'registries.conf': conf, 'conf.d/a.conf': dropIn, 'crio.conf': crioConf });
  const options = { registriesConf: 'registries.conf', dropIns: 'conf.d', crioConf: 'crio.conf' };
  return loadCrio({ ...options, version, pathMap: {} }, files);
}

function refuse(image: string, conf: string, more: More = {}) {
  return load(conf, more).refuse?.(image) ?? null;
}

const disabled = '[crio.image]\nshort_name_mode = "disabled"\n';
const two = 'unqualified-search-registries = ["quay.io", "docker.io"]\n';

describe('a name without a registry', () => {
  test('is tried at every search registry in order by CRI-O 1.33 and before, whatever registries.conf says', () => {
    const list = load(`${two}short-name-mode = "enforcing"\n`, { version: '1.33' });
    expect(list.refuse?.('team/app:1')).toBeNull();
    expect(asked(list, 'team/app:1')).toEqual([
      'https://quay.io/v2 team/app',
      'https://registry-1.docker.io/v2 team/app',
    ]);
    expect(asked(list, 'app')).toEqual([
      'https://quay.io/v2 app',
      'https://registry-1.docker.io/v2 library/app',
    ]);
  });

  test('is refused by CRI-O 1.34 if there are several search registries', () => {
    expect(refuse('team/app:1', two)).toEqual({
      reason: 'ShortName',
      message:
        'names no registry: the nodes refuse to choose between quay.io, docker.io; write the registry, as in quay.io/team/app',
    });
    expect(refuse('team/app:1', `${two}short-name-mode = "disabled"\n`)).not.toBeNull();
  });

  test('is tried at every search registry by CRI-O 1.34 with short_name_mode = "disabled"', () => {
    const list = load(two, { crioConf: disabled });
    expect(list.refuse?.('app')).toBeNull();
    expect(asked(list, 'app')).toHaveLength(2);
  });

  test('is treated by the newest rules if no version is known', () => {
    expect(refuse('app', two, { version: 'auto' })).not.toBeNull();
    expect(load(two, { version: 'auto' }).profiles.map(({ name }) => name)).toEqual([
      'crio-since-1.34',
      'crio-until-1.33',
    ]);
  });

  test('goes to the mirrors of the registry that is searched', () => {
    const conf = `unqualified-search-registries = ["quay.io"]
[[registry]]
location = "quay.io"
[[registry.mirror]]
location = "m.corp/quay"
`;
    expect(asked(load(conf), 'team/app')).toEqual([
      'https://m.corp/v2 quay/team/app',
      'https://quay.io/v2 team/app',
    ]);
  });

  test('goes to its alias alone, with the tag of the image', () => {
    const list = load(`${two}[aliases]\n"team/app" = "registry.corp/other/app"\n`);
    expect(list.refuse?.('team/app:1')).toBeNull();
    expect(asked(list, 'team/app:1')).toEqual(['https://registry.corp/v2 other/app']);
  });

  test('is refused if no registry is searched', () => {
    expect(refuse('app', '')).toMatchObject({
      message: expect.stringContaining('no registry to search; write docker.io/library/app'),
    });
  });
});

test.each([
  ['a full name', 'docker.io/library/app'],
  ['a name on this machine', 'localhost/app'],
  ['a name with a port', 'corp:5000/app'],
  ['a text that is not an image name', 'NOT A NAME'],
])('%s is never refused as a short name', (_, image) => {
  expect(refuse(image, two)).toBeNull();
});

describe('drop-ins', () => {
  test('of registries.conf take an alias back and replace the search list', () => {
    const conf = '[aliases]\napp = "quay.io/other/app"\n';
    const dropIn = 'unqualified-search-registries = ["docker.io"]\n[aliases]\napp = ""\n';
    expect(asked(load(conf), 'app')).toEqual(['https://quay.io/v2 other/app']);
    expect(asked(load(conf, { dropIn }), 'app')).toEqual(['https://registry-1.docker.io/v2 library/app']);
  });

  test('of registries.conf leave the search list unless they set it, also to none', () => {
    const one = 'unqualified-search-registries = ["quay.io"]\n';
    expect(refuse('app', one, { dropIn: 'short-name-mode = "permissive"\n' })).toBeNull();
    expect(refuse('app', one, { dropIn: 'unqualified-search-registries = []\n' })).not.toBeNull();
  });

  test('of crio.conf win over it, the last one first', () => {
    const files = memoryFiles({
      'registries.conf': two,
      'crio.conf': '[crio.image]\nshort_name_mode = "enforcing"\n',
      'crio.conf.d/10-a.conf': '[crio.image]\nshort_name_mode = "enforcing"\n',
      'crio.conf.d/20-b': disabled,
    });
    const options = { registriesConf: 'registries.conf', dropIns: null, crioConf: 'crio.conf' };
    const list = loadCrio({ ...options, version: '1.34', pathMap: {} }, files);
    expect(list.refuse?.('app')).toBeNull();
  });
});

test.each([
  ['a tag in an alias', '[aliases]\napp = "quay.io/app:1"\n', {}],
  ['an alias that is short itself', '[aliases]\napp = "team/app"\n', {}],
  ['an alias for a full name', '[aliases]\n"quay.io/app" = "quay.io/other"\n', {}],
  ['an unknown mode in registries.conf', 'short-name-mode = "strict"\n', {}],
  [
    'a mode in crio.conf with which CRI-O does not start',
    '',
    { crioConf: disabled.replace('disabled', 'permissive') },
  ],
])('%s is rejected', (_, conf, more) => {
  expect(thrown(() => refuse('app', conf, more))).toMatchObject({ code: 'INVALID' });
});

test('crio.conf of CRI-O 1.33 has no mode, so none is rejected', () => {
  const crioConf = disabled.replace('disabled', 'permissive');
  expect(() => load('', { version: '1.33', crioConf })).not.toThrow();
});

describe('insecure_registries of crio.conf', () => {
  const crioConf = '[crio.image]\ninsecure_registries = ["lab.corp:5000", "10.0.0.0/8"]\n';
  const isLoose = (image: string, version: string) =>
    load('', { version, crioConf })
      .endpoints(parseReference(image))
      .endpoints.map(({ tls, plainFallback }) => [tls.skipVerify, plainFallback]);

  test('and loopback addresses are not verified up to CRI-O 1.34', () => {
    for (const host of ['lab.corp:5000', '10.1.2.3', '127.0.0.1:5000']) {
      expect(isLoose(`${host}/app`, '1.34')).toEqual([[true, ['AnyFailure']]]);
    }
    expect(isLoose('other.corp/app', '1.34')).toEqual([[false, []]]);
  });

  test('do not count from CRI-O 1.35', () => {
    expect(isLoose('lab.corp:5000/app', '1.35')).toEqual([[false, []]]);
  });
});
