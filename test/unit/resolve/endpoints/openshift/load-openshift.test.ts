import { describe, expect, test } from '@jest/globals';
import { loadOpenshift } from '../../../../../src/resolve/endpoints/openshift/load-openshift.ts';
import { memoryFiles } from '../../../../kit/fakes/memory-files.ts';
import { asked, codes, listOf, open, thrown } from '../summary.ts';

const digest = `sha256:${'7'.repeat(64)}`;

function load(text: string, files: Readonly<Record<string, string>> = {}) {
  return loadOpenshift(
    { mirrorSets: 'sets.yaml', version: 'auto', pathMap: {} },
    memoryFiles({ 'sets.yaml': text, ...files }),
  );
}

const sets = `apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: { name: by-digest }
spec:
  imageDigestMirrors:
    - source: corp.test/team
      mirrors:
        - one.test/mirror
        - two.test
---
apiVersion: config.openshift.io/v1
kind: ImageTagMirrorSet
spec:
  imageTagMirrors:
    - source: corp.test/team
      mirrors: [tags.test/mirror]
`;

describe('mirror sets of OpenShift', () => {
  test('digest sets serve digests, tag sets tags, and the source is asked last', () => {
    const mirrors = load(sets);
    expect(open(listOf(mirrors, 'corp.test/team/app:1')).map(({ url }) => url)).toEqual([
      'https://tags.test/v2',
      'https://corp.test/v2',
    ]);
    expect(
      open(listOf(mirrors, `corp.test/team/app@${digest}`)).map(
        ({ url, repository }) => `${url} ${repository}`,
      ),
    ).toEqual(['https://one.test/v2 mirror/app', 'https://two.test/v2 app', 'https://corp.test/v2 team/app']);
  });

  test('the source of an endpoint is its line', () => {
    const places = listOf(load(sets), `corp.test/team/app@${digest}`).endpoints.map(
      ({ source }) => `${source?.file}:${source?.line}`,
    );
    expect(places).toEqual(['sets.yaml:8', 'sets.yaml:9', 'sets.yaml:16', 'sets.yaml:6']);
  });

  test('the most specific source wins, and other images have no mirror', () => {
    const inner = sets
      .replaceAll('corp.test/team', 'corp.test/team/app')
      .replaceAll('one.test', 'inner.test')
      .replaceAll('two.test', 'inner.test/two');
    const mirrors = load(`${sets}---\n${inner}`);
    expect(asked(mirrors, `corp.test/team/app@${digest}`)[0]).toBe('https://inner.test/v2 mirror');
    expect(asked(mirrors, `corp.test/team/other@${digest}`)[0]).toBe('https://one.test/v2 mirror/other');
    expect(asked(mirrors, `corp.test/teams/app@${digest}`)).toEqual(['https://corp.test/v2 teams/app']);
  });

  test('NeverContactSource blocks the source and keeps the mirrors', () => {
    const list = listOf(
      load(
        sets.replace('      mirrors:\n', '      mirrorSourcePolicy: NeverContactSource\n      mirrors:\n'),
      ),
      'corp.test/team/app:1',
    );
    expect(open(list).map(({ url }) => url)).toEqual(['https://tags.test/v2']);
    expect(list.endpoints.at(-1)?.skip).toEqual({
      reason: 'Blocked',
      message: 'corp.test/team is blocked (sets.yaml:6)',
    });
  });

  test('a set whose only mirror is its source has no effect, its policy included', () => {
    const text = sets
      .replace('one.test/mirror', 'corp.test/team')
      .replace('        - two.test\n', '      mirrorSourcePolicy: NeverContactSource\n');
    expect(open(listOf(load(text), `corp.test/team/app@${digest}`)).map(({ role }) => role)).toEqual([
      'upstream',
    ]);
  });

  test('an ImageContentSourcePolicy counts as a digest set, also in a List', () => {
    const text = `apiVersion: v1
kind: List
items:
  - apiVersion: operator.openshift.io/v1alpha1
    kind: ImageContentSourcePolicy
    spec:
      repositoryDigestMirrors:
        - { source: corp.test/team, mirrors: [zero.test] }
  - apiVersion: v1
    kind: ConfigMap
`;
    expect(asked(load(text), `corp.test/team/app@${digest}`)).toEqual([
      'https://zero.test/v2 app',
      'https://corp.test/v2 team/app',
    ]);
    const urls = open(listOf(load(`${text}---\n${sets}`), `corp.test/team/app@${digest}`)).map(
      ({ url }) => url,
    );
    expect(urls).toEqual([
      'https://one.test/v2',
      'https://zero.test/v2',
      'https://two.test/v2',
      'https://corp.test/v2',
    ]);
  });

  test("the cluster's insecure and blocked registries hold for what lies within them", () => {
    const image = `---
apiVersion: config.openshift.io/v1
kind: Image
spec:
  registrySources:
    insecureRegistries: ["*.lab.test", one.test]
    blockedRegistries: [corp.test/team/secret]
`;
    const mirrors = load(sets + image);
    expect(
      listOf(mirrors, `corp.test/team/app@${digest}`).endpoints.map(({ plainFallback }) => plainFallback),
    ).toEqual([['AnyFailure'], [], [], []]);
    expect(listOf(mirrors, 'a.lab.test:5000/app').endpoints[0]?.plainFallback).toEqual(['AnyFailure']);
    // Set apart from its source, the blocked part keeps the mirrors.
    const secret = listOf(mirrors, `corp.test/team/secret/app@${digest}`);
    expect(open(secret).map(({ url, repository }) => `${url} ${repository}`)).toEqual([
      'https://one.test/v2 mirror/secret/app',
      'https://two.test/v2 secret/app',
    ]);
    expect(secret.endpoints.at(-1)?.skip?.reason).toBe('Blocked');
  });

  test("certificates are those of CRI-O's directories", () => {
    const mirrors = load(sets, { '/etc/containers/certs.d/two.test/ca.crt': 'CA' });
    expect(listOf(mirrors, `corp.test/team/app@${digest}`).endpoints[1]?.tls.caPem).toEqual(['CA']);
  });

  test('warnings about registries.conf apply to mirror sets too', () => {
    expect(
      codes(
        load(sets.replaceAll('corp.test/team', 'corp.test').replaceAll('/mirror', '')),
        'corp.test:5000/app',
      ),
    ).toEqual(['PortCovered']);
  });

  test('a list has the same id only for the same content', () => {
    expect(load(sets).id).toBe(load(sets).id);
    expect(load(sets).id).not.toBe(load(sets.replace('two.test', 'three.test')).id);
  });
});

describe('manifests that cannot be used', () => {
  test.each([
    ['no YAML', 'a: [1\nb: 2\n', 'SYNTAX', 2],
    ['an alias', 'a: &x 1\nb: *x\n', 'SYNTAX', 2],
    ['a member given twice', 'kind: List\nkind: List\n', 'SYNTAX', 2],
    ['no mirror set in it', 'apiVersion: v1\nkind: ConfigMap\n', 'INVALID', null],
    [
      'an apiVersion that does not fit',
      sets.replaceAll('config.openshift.io/v1', 'config.openshift.io/v2'),
      'INVALID',
      null,
    ],
    ['a source that is a URL', sets.replace('source: corp', 'source: https://corp'), 'INVALID', 6],
    [
      'a set without a source',
      sets.replace('- source: corp.test/team\n      mirrors', '- mirrors'),
      'INVALID',
      6,
    ],
    ['a mirror that is not a string', sets.replace('two.test', '7'), 'INVALID', 9],
    ['mirrors that are not a list', sets.replace('[tags.test/mirror]', 'tags.test'), 'INVALID', 16],
    [
      'an unknown policy',
      sets.replace('[tags.test/mirror]', '[tags.test]\n      mirrorSourcePolicy: Never'),
      'INVALID',
      17,
    ],
  ])('%s is rejected at its place', (_, text, code, line) => {
    expect(thrown(() => load(text))).toMatchObject({
      name: 'MirrorConfigError',
      code,
      file: 'sets.yaml',
      line,
    });
  });

  test('mirrors of a wildcard cannot apply to a scope below it with an entry of its own', () => {
    const image =
      '---\napiVersion: config.openshift.io/v1\nkind: Image\nspec: { registrySources: { blockedRegistries: [a.corp.test] } }\n';
    const wild = sets.replaceAll('corp.test/team', '"*.corp.test"');
    expect(asked(load(wild), `a.corp.test/app@${digest}`)[0]).toBe('https://one.test/v2 mirror/app');
    expect(thrown(() => load(wild + image))).toMatchObject({
      code: 'INVALID',
      message: expect.stringMatching(/\*\.corp\.test .* a\.corp\.test/),
    });
  });

  test('an empty file has no mirrors; a missing one is an error', () => {
    expect(asked(load('\n---\n'), 'corp.test/app')).toEqual(['https://corp.test/v2 app']);
    expect(
      thrown(() => loadOpenshift({ mirrorSets: 'sets.yaml', version: 'auto', pathMap: {} }, memoryFiles({}))),
    ).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a document that nests too deep is rejected', () => {
    expect(thrown(() => load(`a: ${'['.repeat(200)}${']'.repeat(200)}`))).toMatchObject({ code: 'SYNTAX' });
  });
});

describe('mirror sets that the machine config operator refuses', () => {
  const set = (kind: string, field: string, entries: string) =>
    `apiVersion: config.openshift.io/v1\nkind: ${kind}\nspec:\n  ${field}:\n${entries}---\n`;
  const refusals = (text: string) =>
    listOf(load(text), `quay.io/other/app@${digest}`).warnings.filter(
      ({ code }) => code === 'MirrorSetsRefused',
    );
  const policy = '    mirrorSourcePolicy: NeverContactSource\n';
  const entry = (source: string, mirror: string) => `  - source: ${source}\n    mirrors: [${mirror}]\n`;

  test('policies that differ give a warning at both lines, for every image', () => {
    const text =
      set('ImageDigestMirrorSet', 'imageDigestMirrors', entry('icr.io/cpopen', 'm.corp/cpopen')) +
      set('ImageTagMirrorSet', 'imageTagMirrors', entry('icr.io/cpopen', 'm.corp/cpopen') + policy);
    expect(refusals(text).map(({ source }) => source)).toEqual(['sets.yaml:5', 'sets.yaml:14']);
    expect(refusals(text)[0]?.message).toMatch(
      /^icr\.io\/cpopen has different mirrorSourcePolicy values .* keep their previous registries\.conf$/,
    );
  });

  test('a source among its mirrors with NeverContactSource gives a warning at the mirror', () => {
    const text = set(
      'ImageDigestMirrorSet',
      'imageDigestMirrors',
      entry('quay.io/x', 'quay.io/x, m.corp/x') + policy,
    );
    expect(refusals(text)).toMatchObject([
      { source: 'sets.yaml:6', message: expect.stringContaining('one of its own mirrors') },
    ]);
  });

  test('a source with a tag gives a warning at the source, and one with a port does not', () => {
    const text = set(
      'ImageTagMirrorSet',
      'imageTagMirrors',
      entry('quay.io/x:1', 'm.corp/x') + entry('r.corp:5000/x', 'm.corp/x'),
    );
    expect(refusals(text)).toMatchObject([
      { source: 'sets.yaml:5', message: expect.stringContaining('has a tag') },
    ]);
  });

  test('sets with the same policy give no warning', () => {
    const text =
      set('ImageDigestMirrorSet', 'imageDigestMirrors', entry('a.corp/x', 'm.corp/x') + policy) +
      set('ImageTagMirrorSet', 'imageTagMirrors', entry('a.corp/x', 'm.corp/x') + policy);
    expect(refusals(text)).toEqual([]);
  });
});

test('an unknown key of a mirror set is reported with the nearest one', () => {
  const text = sets.replace('      mirrors:', '      mirror:');
  expect(listOf(load(text), 'corp.test/app').warnings).toContainEqual({
    code: 'UnknownKey',
    message: 'OpenShift ignores the key mirror; did you mean mirrors?',
    source: 'sets.yaml:7',
  });
});
