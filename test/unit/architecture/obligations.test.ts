/**
 * What the programs oblige Pratique to that it follows: moby's GetRepositories, distribution route, manifest reader and
 * pull loop, and containerd's fetcher. Each clause names the test that shows it, by its title.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { root } from './sources.ts';

const obligations: Readonly<Record<string, readonly (readonly [clause: string, title: string])[]>> = {
  'moby GetRepositories': [
    ['mirrors come first and upstream last', 'Docker Hub is asked last, after its mirrors in their order'],
    ['an unreachable endpoint is left', 'case 09: its name is not found, it refuses or resets'],
    ['no reachable endpoint is an error', 'gets the status and the words of an image that is nowhere'],
    [
      'names that no registry has are refused before any packet',
      'case 40: names that no registry is asked for',
    ],
    ['an empty endpoint list is an error of its own', 'nothing left to ask is its own error'],
    ['an endpoint is contacted only in its turn', 'case 01: mirror 404 on the tag, upstream 200'],
  ],
  'moby GET /distribution/{name}/json': [
    ['it answers with a descriptor and platforms', 'is answered with its descriptor and the raw platforms'],
    ['one document describes it, in both directions', 'is asked for by this test: no answer is left out'],
    ['the document is served', 'the document is served as it is written'],
    ['an invalid X-Registry-Auth is ignored', 'any other text'],
    ['a full image ID is an error of its own', 'is the ID of an image on a node'],
    ['Platforms is never null', 'has an empty list of platforms where none is known'],
    ['a single manifest has its platform', 'reads the platform of a single manifest, which dockerd forgets'],
    [
      'the empty mirror of the scenario comes first',
      'asks by the line of the scenario, and the empty mirror comes first',
    ],
    ['docker service create takes digest and platforms', 'creates a service of the digest and the platforms'],
  ],
  'moby fetchManifest': [
    ['a digest skips the tag', 'case 28: tag and digest: only the digest is asked for'],
    [
      'an index gives every platform',
      'children with a platform are not fetched, and raw platforms stay as written',
    ],
    ['a single manifest is judged by its configuration', 'case 32: the config blob tells the architecture'],
    ['schema 1 gives its architecture', 'case 35: schema 1 is available with its platform'],
    ['a size or digest that the body contradicts is not believed', 'case 15: never pinned, by digest either'],
  ],
  'moby pull loop': [
    ['failures fall back', 'case 05: mirror 403 with an HTML body, upstream 200'],
    ['plain http never follows TLS', 'case 10: unknown CA, expired, wrong name'],
    [
      'a cancellation stops at once and never falls back',
      'a person who goes away cancels for real, nobody else is asked',
    ],
    ['a known digest costs no round trip', 'a digest is believed for ever'],
    [
      'a tag that moved is reported',
      'a tag that moved costs a GET by digest after that, and the message tells',
    ],
    ['a digest is never bound to other content', 'what is held under a digest stays'],
  ],
  'containerd fetcher': [
    ['capabilities decide', 'a pull-only mirror is not asked for a tag, and is for a digest'],
    ['mirrors get ns=', 'mirrors end in one /v2 and get the registry by ns='],
    [
      'the scope is that of the rewritten repository',
      'case 25: the scope is that of the physical repository',
    ],
    ['an unknown type is looked for as a blob', 'is looked for as a blob when all have denied it'],
    ['external URLs get no credentials', 'gets neither credentials nor configured headers nor ns'],
    ['a stream is resumed', 'a stream that breaks after every byte is resumed until it is whole'],
    ['three breaks without progress end it', 'a break without progress is borne three times'],
    ['an encoded body is asked for again', 'is asked for from the beginning, without Range'],
    ['length and digest are verified', 'its digest is not that of its body'],
    ['never more than one byte too many is read', 'never ends: one byte too many is enough to know'],
    ['inspect --deep finds missing layers', 'a deleted layer makes the image incomplete'],
    [
      'controller.deep watches the parts of images in use',
      'a layer that is gone, and exists again, changes PartsPresent and causes one Event each',
    ],
    ['--deep=read reads every byte', '--deep=read reads every byte from where the node would'],
    ['more than 127 layers are invalid', 'of more than 127 layers is invalid, and no layer is asked for'],
  ],
};

const tests = globSync('test/**/*.test.ts', { cwd: root })
  .filter((file) => !file.endsWith('obligations.test.ts'))
  .map((file) => readFileSync(join(root, file), 'utf8'));

describe.each(Object.entries(obligations))('%s', (_program, clauses) => {
  test.each(clauses)('%s', (_clause, title) => {
    expect(tests.filter((text) => text.includes(title)).length).toBeGreaterThan(0);
  });
});
