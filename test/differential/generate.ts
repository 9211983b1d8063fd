/** Cases from a seed: each depends on the seed and its place in the table alone, so one of them can be looked at by itself. */
import { type Image, multiArch, platform, single } from '../kit/registries/images.ts';
import {
  type Case,
  type CaseEndpoint,
  type Cell,
  cellName,
  type Format,
  faults,
  formats,
  positions,
} from './case.ts';
import { variants } from './faults/index.ts';
import type { Variant } from './faults/variant.ts';
import { Random } from '../kit/random.ts';

export const cells: readonly Cell[] = formats.flatMap((format) =>
  faults.flatMap((fault) => positions.map((position) => ({ format, fault, position }))),
);

/** One case of every cell, then the next of every cell: those that sleep do so beside those that work. */
export function generate(seed: string, perCell: number): readonly Case[] {
  return Array.from({ length: perCell }, (_, index) =>
    cells.map((cell) => makeCase(seed, cell, index + 1)),
  ).flat();
}

function makeCase(seed: string, cell: Cell, number: number): Case {
  const id = `${cellName(cell)} / ${number}`;
  const random = new Random(`${seed} ${id}`);
  const domain = random.pick(['docker.io', 'docker.io', 'registry.test', 'registry.test:5000', null]);
  const by = random.pick(forms[cell.format]);
  return {
    id,
    seed,
    cell,
    variant: variantOf(seed, cell, number),
    domain,
    path: random.pick([...paths, domain === 'docker.io' ? 'library/app' : 'app']),
    by,
    tag: random.pick(['1.27', 'latest', 'v2.0_rc.1']),
    endpoints: makeEndpoints(cell, id, by === 'tag', random),
  };
}

/** skopeo takes no tag beside a digest. */
const forms: Readonly<Record<Format, readonly Case['by'][]>> = {
  'hosts.toml': ['tag', 'tag', 'tag', 'digest', 'tag and digest'],
  'registries.conf': ['tag', 'tag', 'digest'],
};

/** Written in full: programs differ in what they add to a short name, and that is not asked here. */
const paths = ['library/nginx', 'team/app', 'corp/team/app'];

/** The variants of a fault take turns. */
function variantOf(seed: string, cell: Cell, number: number): Variant {
  const all = variants[cell.fault];
  const start = new Random(`${seed} ${cellName(cell)}`).below(all.length);
  const variant = all[(start + number) % all.length];
  if (!variant) throw new Error(`the fault ${cell.fault} has no variants`);
  return variant;
}

/** Those before the faulty one hold nothing, so that it is asked; the last one after it holds the image, so that falling through can be told from giving up. */
function makeEndpoints(cell: Cell, id: string, byTag: boolean, random: Random): readonly CaseEndpoint[] {
  const count = 3 + random.below(3);
  const faulty = { first: 0, middle: 1 + random.below(count - 2), last: count - 1 }[cell.position];
  const kind = random.pick(imageKinds);
  return Array.from({ length: count }, (_, index) => {
    const last = index === count - 1;
    const empty = index < faulty || (!last && random.oneIn(3));
    return {
      name: last ? 'upstream' : `mirror ${index + 1}`,
      behaviour: index === faulty ? 'fails' : empty ? 'misses' : 'serves',
      // Under a tag everybody has an image of its own, so that its digest tells who served.
      image: kind(byTag ? `${id} ${index}` : id),
    };
  });
}

const imageKinds: readonly ((salt: string) => Image)[] = [
  (salt) => multiArch(['linux/amd64', 'linux/arm64'], { salt }),
  (salt) => multiArch(['linux/arm64', 'linux/amd64'], { docker: true, salt }),
  (salt) => single(platform('linux/amd64'), { salt }),
  (salt) => single(platform('linux/amd64'), { docker: true, salt }),
];
