/** The shape of the source tree: one name with one meaning, no circles, folders that a reader can take in. */
import { dirname } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { exportsOf, localImports, sourcesIn } from './sources.ts';

const sources = sourcesIn('src');

test('every exported name is declared in one file only', () => {
  const files = new Map<string, string[]>();
  for (const source of sources) {
    for (const name of exportsOf(source)) files.set(name, [...(files.get(name) ?? []), source.file]);
  }
  expect(files.size).toBeGreaterThan(500);
  expect([...files].filter(([, declaring]) => declaring.length > 1)).toEqual([]);
});

test('no files import each other in a circle, types included', () => {
  const imports = new Map(sources.map((source) => [source.file, localImports(source)]));
  expect(circlesIn(imports)).toEqual([]);
});

describe('a folder', () => {
  const files = new Map<string, number>();
  for (const { file } of sources) files.set(dirname(file), (files.get(dirname(file)) ?? 0) + 1);

  test('holds at most nine files', () => {
    expect([...files].filter(([, count]) => count > 9)).toEqual([]);
  });
});

/** Strongly connected sets of more than one file (Tarjan), each sorted. */
function circlesIn(imports: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string): number => {
    const index = order.size;
    order.set(file, index);
    open.push(file);
    let low = index;
    for (const next of imports.get(file) ?? []) {
      if (!order.has(next)) low = Math.min(low, visit(next));
      else if (open.includes(next)) low = Math.min(low, order.get(next) ?? low);
    }
    lowest.set(file, low);
    if (low === index) {
      const members = open.splice(open.indexOf(file));
      if (members.length > 1) circles.push(members.sort());
    }
    return low;
  };
  for (const file of imports.keys()) if (!order.has(file)) visit(file);
  return circles;
}
