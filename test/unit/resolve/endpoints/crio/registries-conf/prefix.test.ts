import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { RegistryEntry } from '../../../../../../src/resolve/endpoints/crio/registries-conf/entry.ts';
import {
  findEntry,
  matchPrefix,
} from '../../../../../../src/resolve/endpoints/crio/registries-conf/prefix.ts';

function entry(prefix: string): RegistryEntry {
  const source = { file: 'registries.conf', line: 1 };
  return {
    prefix,
    location: prefix,
    insecure: false,
    blocked: false,
    mirrorByDigestOnly: false,
    mirrors: [],
    source,
  };
}

// Few and short names, so that prefixes of equal length are common.
const label = fc.constantFrom('a', 'b');
const host = fc.array(label, { minLength: 2, maxLength: 3 }).map((labels) => labels.join('.'));
const path = fc.array(label, { minLength: 1, maxLength: 2 }).map((parts) => parts.join('/'));
const name = fc.tuple(host, path).map((parts) => parts.join('/'));
const prefix = fc.oneof(
  host,
  name,
  host.map((text) => `*.${text}`),
);

describe('prefixes of registries.conf', () => {
  test.each([
    ['the host itself', 'corp.test', 'corp.test/app', 9],
    ['the host with any port', 'corp.test', 'corp.test:5000/app', 9],
    ['a path to its end', 'corp.test/team', 'corp.test/team/app', 14],
    ['not half a path', 'corp.test/te', 'corp.test/team/app', -1],
    ['not half a host', 'corp.te', 'corp.test/app', -1],
    ['every subdomain, however deep', '*.corp.test', 'a.b.corp.test/app', 13],
    ['not the domain of the wildcard itself', '*.corp.test', 'corp.test/app', -1],
    ['not what looks like it in the path', '*.corp.test', 'quay.io/a.corp.test/app', -1],
    ['not a host that only begins so', '*.corp.test', 'a.corp.tests/app', -1],
  ])('cover %s', (_, text, reference, length) => {
    expect(matchPrefix(reference, text)).toBe(length);
  });

  test('the longest one that covers a name wins, whatever the table and its order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(prefix, { maxLength: 12 }), name, (prefixes, reference) => {
        const found = findEntry(prefixes.map(entry), reference);
        const covering = prefixes.filter((text) => matchPrefix(reference, text) >= 0);
        expect(found?.prefix.length ?? 0).toBe(Math.max(0, ...covering.map(({ length }) => length)));
        if (found) expect(covering).toContain(found.prefix);
        const longest = found === null ? [] : covering.filter(({ length }) => length === found.prefix.length);
        const sorted = findEntry(prefixes.toSorted().map(entry), reference);
        expect(sorted?.prefix).toBe(longest.toSorted()[0]);
      }),
      // One table in seventy has a tie.
      { numRuns: 2_000 },
    );
  });
});
