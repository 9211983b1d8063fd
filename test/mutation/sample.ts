/** A seeded sample of mutations over all folders of `src`: each folder gets its share, and at least five. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Random } from '../kit/random.ts';
import { findMutations, type Mutation } from './mutations.ts';

export interface SampleOptions {
  readonly root: string;
  readonly seed: string;
  /** How many in all, before every folder is brought to `minPerFolder`. */
  readonly places: number;
  readonly minPerFolder: number;
  /** Only files below this path; '' for all of `src`. */
  readonly below: string;
}

export function sampleMutations(options: SampleOptions): readonly Mutation[] {
  const byFolder = new Map<string, Mutation[]>();
  for (const file of globSync('src/**/*.ts', { cwd: options.root }).sort()) {
    if (!file.startsWith(options.below)) continue;
    const found = findMutations(file, readFileSync(join(options.root, file), 'utf8'));
    const folder = dirname(file);
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), ...found]);
  }
  const total = [...byFolder.values()].reduce((sum, { length }) => sum + length, 0);
  const random = new Random(options.seed);
  return [...byFolder.values()].flatMap((mutations) => {
    const share = Math.round((options.places * mutations.length) / Math.max(1, total));
    return draw(mutations, Math.max(share, options.minPerFolder), random);
  });
}

/** `count` different ones, or all where there are fewer. */
function draw(mutations: readonly Mutation[], count: number, random: Random): readonly Mutation[] {
  const left = [...mutations];
  const drawn: Mutation[] = [];
  while (drawn.length < count && left.length > 0) {
    drawn.push(...left.splice(random.below(left.length), 1));
  }
  return drawn.sort((a, b) => a.file.localeCompare(b.file) || a.start - b.start);
}
