import { describe, expect, test } from '@jest/globals';
import { loadCrio } from '../../../../../src/resolve/endpoints/crio/load.ts';
import { memoryFiles } from '../../../../kit/fakes/memory-files.ts';
import { thrown } from '../summary.ts';

function refuse(image: string, conf: string, dropIn = '') {
  const files = memoryFiles({ 'registries.conf': conf, 'conf.d/a.conf': dropIn });
  const list = loadCrio({ registriesConf: 'registries.conf', dropIns: 'conf.d', pathMap: {} }, files);
  return list.refuse?.(image) ?? null;
}

const two = 'unqualified-search-registries = ["docker.io", "quay.io"]\n';

describe('names without a registry', () => {
  test.each([
    ['a full name, whatever the rules', 'docker.io/library/app', 'short-name-mode = "enforcing"\n'],
    ['a name on this machine', 'localhost/app', ''],
    ['a name with a port', 'corp:5000/app', ''],
    [
      'a short name where Docker Hub alone is searched',
      'app:1',
      'unqualified-search-registries = ["docker.io"]\n',
    ],
    ['a short name where Docker Hub is searched first', 'team/app', two],
    [
      'a short name whose alias is what Kubernetes makes of it',
      'app',
      '[aliases]\napp = "docker.io/library/app"\n',
    ],
    ['what is no name at all', 'NOT A NAME', ''],
  ])('%s is taken', (_, image, conf) => {
    expect(refuse(image, conf)).toBeNull();
  });

  test.each([
    ['no registry is searched', 'app', '', /no registry to search; write docker\.io\/library\/app/],
    [
      'another registry is searched',
      'team/app:1',
      'unqualified-search-registries = ["quay.io"]\n',
      /look for it at quay\.io; write quay\.io\/team\/app/,
    ],
    [
      'the nodes would have to choose',
      'app',
      `${two}short-name-mode = "enforcing"\n`,
      /refuse to choose between docker\.io, quay\.io/,
    ],
    [
      'an alias leads elsewhere, tag or not',
      'team/app:1',
      '[aliases]\n"team/app" = "quay.io/other/app"\n',
      /take it for quay\.io\/other\/app/,
    ],
  ])('refused where %s', (_, image, conf, why) => {
    expect(refuse(image, conf)).toMatchObject({ reason: 'ShortName', message: expect.stringMatching(why) });
  });

  test('a drop-in takes an alias back and replaces the search list', () => {
    const conf = '[aliases]\napp = "quay.io/other/app"\n';
    const dropIn = 'unqualified-search-registries = ["docker.io"]\n[aliases]\napp = ""\n';
    expect(refuse('app', conf)).not.toBeNull();
    expect(refuse('app', conf, dropIn)).toBeNull();
  });

  test('a drop-in without a search list leaves it, an empty one does not', () => {
    expect(refuse('app', two, 'short-name-mode = "permissive"\n')).toBeNull();
    expect(refuse('app', two, 'unqualified-search-registries = []\n')).not.toBeNull();
  });

  test.each([
    ['a tag in an alias', '[aliases]\napp = "quay.io/app:1"\n'],
    ['an alias that is short itself', '[aliases]\napp = "team/app"\n'],
    ['an alias for a full name', '[aliases]\n"quay.io/app" = "quay.io/other"\n'],
    ['a mode that nobody knows', 'short-name-mode = "strict"\n'],
  ])('%s is refused', (_, conf) => {
    expect(thrown(() => refuse('app', conf))).toMatchObject({ code: 'INVALID' });
  });
});
