/** Runs the cases: every owner of a case's format and Pratique are asked for the same image over the same registries, one after the other. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Case, imageName } from './case.ts';
import { compare, type Verdict } from './compare.ts';
import { hostsTree } from './formats/hosts-toml.ts';
import { registriesConf } from './formats/registries-conf.ts';
import { type Observation, observe, type Outcome } from './observation.ts';
import { startContainerd } from './owners/containerd.ts';
import { findOwners } from './owners/index.ts';
import type { Owner } from './owners/owner.ts';
import { loadPratique } from './pratique.ts';
import { Random } from '../kit/random.ts';
import { type Recording, type Stage, setStage } from './harness.ts';

export interface Comparison {
  readonly case: Case;
  readonly image: string;
  readonly owner: Owner;
  readonly theirs: Observation;
  readonly ours: Observation;
  readonly verdict: Verdict;
}

export interface Results {
  readonly owners: readonly Owner[];
  readonly comparisons: readonly Comparison[];
}

export const defaultSeed = 'pratique';
export const casesPerCell = 6;

// Most of them sleep: on silence, and on what `Retry-After` asks for.
const atATime = 16;

export async function runCases(cases: readonly Case[]): Promise<Results> {
  const folder = await mkdtemp(join(tmpdir(), 'pratique-differential-'));
  try {
    await using daemon = await startContainerd(join(folder, 'containerd'));
    const owners = await findOwners(daemon);
    const comparisons = await pool(cases, atATime, (each, index) =>
      runCase(
        each,
        owners.filter(({ format }) => format === each.cell.format),
        join(folder, `${index}`),
      ),
    );
    return { owners, comparisons: comparisons.flat() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runCase(each: Case, owners: readonly Owner[], folder: string): Promise<readonly Comparison[]> {
  await using stage = await setStage(each);
  await writeConfiguration(each, stage, folder);
  const image = imageName(each, stage.upstream);
  const watched = async (ask: (recording: Recording) => Promise<Outcome>): Promise<Observation> => {
    const recording = stage.record();
    return observe(each, await ask(recording), recording);
  };
  // Versions of containerd that read this configuration alike need not be asked one by one.
  const byList = new Map<string, Observation>();
  const comparisons: Comparison[] = [];
  for (const owner of owners) {
    const patience = patienceMs(each);
    const theirs = await watched((recording) =>
      owner.ask({ folder, image, recording, patienceMs: patience }),
    );
    await using ourselves = await loadPratique(folder, each.cell.format, owner.version);
    const ours = byList.get(ourselves.list) ?? (await watched(() => ourselves.ask(image)));
    byList.set(ourselves.list, ours);
    comparisons.push({ case: each, image, owner, theirs, ours, verdict: compare(each, theirs, owner, ours) });
  }
  return comparisons;
}

async function writeConfiguration(each: Case, stage: Stage, folder: string): Promise<void> {
  const random = new Random(`${each.seed} ${each.id} configuration`);
  const files =
    each.cell.format === 'hosts.toml'
      ? hostsTree(each, stage, random)
      : { 'registries.conf': registriesConf(each, stage, random) };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

/** After it met the fault. Silence needs no patience; the others may be tried again, politely. */
function patienceMs({ cell }: Case): number {
  return cell.fault === 'silence' ? 2_000 : 8_000;
}

/** `work` on every item, some at a time, results in the order of the items. */
async function pool<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item, index);
  };
  // All of them end before one failure is told: nobody works on in folders that are being removed.
  const ends = await Promise.allSettled(Array.from({ length: width }, worker));
  const failure = ends.find((end) => end.status === 'rejected');
  if (failure) throw failure.reason;
  return results;
}
