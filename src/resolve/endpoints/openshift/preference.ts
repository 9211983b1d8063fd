/** Merge of several orders of preference, which may contradict each other, into one (runtime-utils `topoGraph`). */

/**
 * Orders all names by pairs whose first name is preferred, as far as the pairs agree. The order of the pairs does not matter.
 */
export function preferenceOrder(pairs: readonly (readonly [string, string])[]): readonly string[] {
  const names = [...new Set(pairs.flat())].sort();
  const after = new Map(names.map((name) => [name, new Set<string>()]));
  const before = new Map(names.map((name) => [name, new Set<string>()]));
  for (const [first, second] of pairs) {
    after.get(first)?.add(second);
    before.get(second)?.add(first);
  }
  const isFree = (name: string): boolean => before.get(name)?.size === 0;
  const free = names.filter(isFree);
  const order = new Set<string>();
  while (order.size < names.length) {
    // If no name is free there is a cycle, which is broken at its first name.
    const name = free.shift() ?? names.find((each) => !order.has(each)) ?? '';
    order.add(name);
    const successors = [...(after.get(name) ?? [])].sort();
    for (const each of successors) before.get(each)?.delete(name);
    free.push(...successors.filter((each) => isFree(each) && !order.has(each)));
  }
  return [...order];
}
