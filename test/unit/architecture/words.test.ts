/** Words that do not come back: metaphors and turns of phrase that cost newcomers hours. */
import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { root, sourcesIn } from './sources.ts';

const sources = sourcesIn('src', 'test', 'demo', 'hack').filter(
  ({ file }) => !file.endsWith('words.test.ts'),
);
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'KNOWN_ISSUES.md',
  'SECURITY.md',
  ...globSync('docs/**/*.md', { cwd: root }),
]
  .filter((file) => !file.startsWith('docs/adr/'))
  .flatMap((file) => globSync(file, { cwd: root }))
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));

/** Names of types, functions and files of before. */
const names =
  /\b(Reign|Berths?|Hearing|Membership|Surroundings|Landing|Stands|Epochs|Tidings|Kept|HandMade|Asker|Sighting|Flights|Memories|Keeping|keyOf|placeOf|recordOf|berthsOf|landingsOf|askedOf|tidingsOf|homeOf)\b/g;

const lookback = /(?:^|\n)\s*(?:\/\*\*|\*|\/\/) (?:Of|By|As|Whose|Whom|Else)\b[^\n]*/g;

const phrases =
  /(?<!\b(?:there|There) )\b(is|are|was|were) no (?!longer\b|more\b|one\b)[a-z]+|\bis to be\b|\banew\b|\botherwise than\b|\bat hand\b|\bwhoever\b|\bas a rule\b/gi;

function found(texts: readonly { file: string; text: string }[], pattern: RegExp): readonly string[] {
  return texts.flatMap(({ file, text }) =>
    [...text.matchAll(pattern)].map((match) => `${file}: ${match[0].trim().slice(0, 80)}`),
  );
}

describe('the source', () => {
  test('has none of the names of before', () => {
    expect(found(sources, names)).toEqual([]);
  });

  test('has no comment that begins with a preposition or a relative pronoun', () => {
    expect(found(sources, lookback)).toEqual([]);
  });

  test('says "is not a", "again", "must be", "usually"', () => {
    expect(found(sources, phrases)).toEqual([]);
  });

  test('cites no document that the repository does not have', () => {
    expect(found(sources, /\(rule \d+\)|\brules? \d+\b|\b(product|resolution|admission)\.md\b/g)).toEqual([]);
  });
});

test('the pages say "is not a", "again", "must be", "usually"', () => {
  expect(pages.length).toBeGreaterThan(20);
  expect(found(pages, phrases)).toEqual([]);
});
