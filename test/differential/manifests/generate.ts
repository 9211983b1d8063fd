/** Manifest files by chance, in the many ways in which YAML and JSON can be written, some of them invalid. Equal seeds give equal files. */
import { Random } from '../../kit/random.ts';

/** Scalars that YAML 1.1, YAML 1.2 and JSON read differently. */
const plainScalars = [
  'nginx',
  'nginx:1.27',
  '1.27',
  '1',
  '0644',
  '0o17',
  '0x1F',
  '0b101',
  '1_000',
  '1e3',
  '.5',
  '-3',
  '+7',
  '12:30',
  '2001-12-14',
  '2001-12-14t21:59:43.10-05:00',
  'yes',
  'No',
  'on',
  'y',
  'n',
  'true',
  'False',
  'null',
  '~',
  'a b c',
  'a#b',
  'http://x:80/y',
  'sha256:abc',
  "it's",
  'say "hi"',
  '--',
  '1.2.3',
  '08',
  '1__0',
  '._1',
  '+.5',
  '0_7',
  '18446744073709551615',
  'registry.example.com:5000/team/app@sha256:0123',
];
const quotedScalars = [
  '"1.27"',
  "'yes'",
  '"a\\tb"',
  "'it''s'",
  '"\\u00e9"',
  '""',
  "''",
  '"x: y"',
  '!!str 1',
  '!custom v',
  '!!str yes',
];
/** Scalars that JSON lacks or that are not scalars here. */
const oddScalars = ['.inf', '-.INF', '.nan', '-', '? x', '@x', '`x', '%x'];
const keys = [
  'name',
  'image',
  'app',
  'a.b/c',
  'on',
  '8080',
  '1.10',
  'yes',
  '"quoted"',
  "'q'",
  'key with spaces',
  '0644',
  '-x',
  '1e3',
];

/** The text of one manifest file. */
export function generateManifest(seed: string): string {
  const random = new Random(seed);
  const writer = new Writer(random);
  if (chance(random, 0.08)) return jsonStream(random);
  const count = between(random, 1, 4);
  const documents = Array.from({ length: count }, () => writer.document());
  const text = documents.reduce(
    (before, each) => before + separator(random) + each,
    chance(random, 0.1) ? '---\n' : '',
  );
  return disturb(text, random);
}

function separator(random: Random): string {
  return random.pick([
    '---\n',
    '---\n',
    '---   \n',
    '--- # next\n',
    '\n---\n',
    '---\n---\n',
    '---\n# only a comment\n---\n',
  ]);
}

function jsonStream(random: Random): string {
  const object = (): string => {
    const indent = chance(random, 0.5) ? random.pick([2, '\t']) : undefined;
    return JSON.stringify(
      { apiVersion: 'v1', kind: 'Pod', spec: { n: between(random, 0, 9), image: 'a:1' } },
      null,
      indent,
    );
  };
  const objects = Array.from({ length: between(random, 1, 4) }, object);
  const tail = random.pick(['', '\n', '\n---\nkind: Pod\n', '\nkind: Pod\n', '}', '\n// no']);
  return objects.join(random.pick(['', '\n', '  ', '\n\n', '\n---\n'])) + tail;
}

/** Byte order marks, line ends, tabs and cuts. */
function disturb(text: string, random: Random): string {
  const kinds: readonly [number, (text: string) => string][] = [
    [0.7, (same) => same],
    [0.06, (each) => each.replaceAll('\n', '\r\n')],
    [0.04, (each) => `\ufeff${each}`],
    [0.04, (each) => each.replace(/\n +/, (found) => `\n\t${found.slice(1)}`)],
    [0.04, (each) => each.slice(0, between(random, 0, each.length))],
    [0.04, (each) => `${each}...\n`],
    [0.04, (each) => `${each}\n--- x\nkind: Pod\n`],
    [0.04, (each) => each.replace(': ', ':')],
  ];
  let left = random.below(1_000) / 1_000;
  for (const [weight, apply] of kinds) {
    left -= weight;
    if (left < 0) return apply(text);
  }
  return text;
}

function chance(random: Random, probability: number): boolean {
  return random.below(1_000) < probability * 1_000;
}

/** A whole number from `least` to `most`. */
function between(random: Random, least: number, most: number): number {
  return least + random.below(most - least + 1);
}

class Writer {
  readonly #random: Random;
  #anchors: string[] = [];
  #mapAnchors: string[] = [];
  #counter = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  document(): string {
    [this.#anchors, this.#mapAnchors] = [[], []];
    const spec = this.#block(1, 4);
    const shared = chance(this.#random, 0.4) ? `x-shared: &shared\n  image: base:1\n  tag: 2\n` : '';
    if (shared) this.#mapAnchors.push('shared');
    return `apiVersion: v1\nkind: Pod\n${shared}spec:\n${spec}${this.#block(0, 3)}`;
  }

  /** Members of a mapping at `depth`, each on its lines. */
  #block(depth: number, levels: number): string {
    return Array.from({ length: between(this.#random, 1, 4) }, () => this.#member(depth, levels)).join('');
  }

  #member(depth: number, levels: number): string {
    const random = this.#random;
    const pad = '  '.repeat(depth);
    if (chance(random, 0.08) && this.#mapAnchors.length > 0) {
      const [one, other] = [random.pick(this.#mapAnchors), random.pick(this.#mapAnchors)];
      return `${pad}<<: ${chance(random, 0.3) ? `[*${one}, *${other}]` : `*${one}`}\n`;
    }
    const comment = chance(random, 0.08) ? `${pad}# note: {\n` : '';
    const key = chance(random, 0.03) ? '? name\n' + pad : random.pick(keys);
    return `${comment}${pad}${key}:${this.#value(depth, levels)}`;
  }

  #value(depth: number, levels: number): string {
    const random = this.#random;
    const pad = '  '.repeat(depth + 1);
    const kind = between(random, 0, levels > 0 ? 9 : 4);
    switch (kind) {
      case 5:
        return `${this.#mapAnchor()}\n${this.#block(depth + 1, levels - 1)}`;
      case 6: {
        // Lists may stand at the indentation of their key.
        const at = chance(random, 0.5) ? pad : '  '.repeat(depth);
        const items = Array.from({ length: between(random, 1, 3) }, () => `${at}- ${this.#scalar(depth)}\n`);
        return `\n${items.join('')}`;
      }
      case 7: {
        const items = Array.from({ length: between(random, 1, 3) }, () => {
          const block = this.#block(depth + 2, levels - 2);
          return `${pad}- ${block.slice(2 * (depth + 2))}`;
        });
        return `\n${items.join('')}`;
      }
      case 8:
        return ` ${this.#flow(levels)}\n`;
      case 9:
        return ` ${random.pick(['|', '>', '|-', '>+', '|2'])}\n${pad}first line\n${chance(random, 0.3) ? '\n' : ''}${pad}  second: line\n`;
      case 4:
        return this.#longScalar(depth);
      case 3:
        return this.#anchors.length > 0 ? ` *${random.pick(this.#anchors)}\n` : '\n';
      default:
        return ` ${this.#anchor()}${this.#scalar(depth)}${chance(random, 0.1) ? ' # why' : ''}\n`;
    }
  }

  #anchor(): string {
    if (!chance(this.#random, 0.12)) return '';
    const name = `s${(this.#counter += 1)}`;
    this.#anchors.push(name);
    return `&${name} `;
  }

  #mapAnchor(): string {
    if (!chance(this.#random, 0.3)) return '';
    const name = `m${(this.#counter += 1)}`;
    // An alias inside its own mapping is a cycle, which happens by chance and must be rejected.
    this.#mapAnchors.push(name);
    return ` &${name}`;
  }

  /** Scalars over several lines, continued where go-yaml allows it. */
  #longScalar(depth: number): string {
    const random = this.#random;
    const [own, deeper] = ['  '.repeat(depth), '  '.repeat(depth + 1)];
    return random.pick([
      ` "starts here\n${own}and ends here"\n`,
      ` 'starts here\n${deeper}and ends here'\n`,
      ` starts here\n${deeper}and ends here\n`,
      ` "starts\n\n${own} ends \\\n${own}here"\n`,
      ` [a,\n${own}b]\n`,
      ` {a: 1,\n${deeper}b: 2\n${own}}\n`,
      ` [\n${deeper}a\n${own}]\n`,
    ]);
  }

  #scalar(depth: number): string {
    const random = this.#random;
    if (chance(random, 0.02)) return `"x\n${'  '.repeat(depth)}y"`;
    if (chance(random, 0.01)) return random.pick(oddScalars);
    return random.pick(chance(random, 0.75) ? plainScalars : quotedScalars);
  }

  #flow(levels: number): string {
    const random = this.#random;
    const safe = () =>
      random.pick(['a', '1', 'yes', '"b, c"', "'d'", '1.5', 'e:5', 'null', '', '{x: y}', '[1, 2]']);
    if (levels > 1 && chance(random, 0.5)) return `{a: ${safe()}, "b":${random.pick([' ', ''])}${safe()}, c}`;
    return `[${safe()}, ${safe()}${random.pick(['', ','])}]`;
  }
}
