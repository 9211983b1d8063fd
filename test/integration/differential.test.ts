import { beforeAll, describe, expect, test } from '@jest/globals';
import { compare } from '../differential/compare.ts';
import { differences } from '../differential/differences.ts';
import { generate } from '../differential/generate.ts';
import type { Observation } from '../differential/observation.ts';
import { countCells, report, unexplained } from '../differential/report.ts';
import { casesPerCell, defaultSeed, type Results, runCases } from '../differential/run.ts';

// Three minutes, and as much again where containerd's clients are built first.
const limitMs = 20 * 60_000;

describe('the owners of the formats', () => {
  let results: Results;
  beforeAll(async () => {
    results = await runCases(generate(defaultSeed, casesPerCell));
    process.stdout.write(`${report(defaultSeed, results)}\n`);
  }, limitMs);

  test('old and new containerds and skopeo took part', () => {
    const versions = results.owners.map(
      ({ program, version }) => `${program} ${version?.replace(/\.\d+$/, '')}`,
    );
    expect(versions).toEqual(expect.arrayContaining(['ctr 1.6', 'ctr 1.7', 'ctr 2.0', 'ctr 2.1', 'ctr 2.2']));
    expect(results.owners.map(({ program }) => program)).toContain('skopeo');
  });

  test('every cell has at least five cases', () => {
    expect(countCells(results.comparisons).filter(({ cases }) => cases < 5)).toEqual([]);
  });

  test('there is no difference without a reason', () => {
    expect(unexplained(results.comparisons).map((each) => each.case.id)).toEqual([]);
  });

  test('every reason is needed', () => {
    const used = new Set(
      results.comparisons.map(({ verdict }) => (verdict.kind === 'reasoned' ? verdict.difference : null)),
    );
    expect(differences.filter((difference) => !used.has(difference))).toEqual([]);
  });

  test.each<[string, (ours: Observation) => Observation]>([
    ['another digest', (ours) => ({ ...ours, digest: `sha256:${'0'.repeat(64)}` })],
    ['a host too many', (ours) => ({ ...ours, hosts: [...ours.hosts, 'stranger'] })],
    ['the first host left out', (ours) => ({ ...ours, hosts: ours.hosts.slice(1) })],
    ['giving up too early', (ours) => ({ ...ours, digest: null, hosts: ours.hosts.slice(0, -1) })],
    ['hosts in another order', (ours) => ({ ...ours, hosts: ['stranger', ...ours.hosts].reverse() })],
  ])('no reason explains %s', (_what, falsified) => {
    const explained = results.comparisons.filter(
      ({ case: each, theirs, owner, ours }) =>
        compare(each, theirs, owner, falsified(ours)).kind === 'reasoned',
    );
    expect(explained.map((each) => each.case.id)).toEqual([]);
  });

  test('no reason explains another path or another ns=', () => {
    const explained = results.comparisons
      .filter(({ theirs }) => theirs.where.size > 0)
      .filter(({ case: each, theirs, owner, ours }) => {
        const elsewhere = new Map([...ours.where].map(([host, path]) => [host, `${path}&`]));
        return compare(each, theirs, owner, { ...ours, where: elsewhere }).kind !== 'unexplained';
      });
    expect(explained.map((each) => each.case.id)).toEqual([]);
  });
});
