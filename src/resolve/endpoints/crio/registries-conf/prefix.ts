/** Search for the entry of registries.conf that applies to a reference (sysregistriesv2 `FindRegistry`). */
import type { RegistryEntry } from './entry.ts';

/**
 * Returns the length of the part of `name` that `prefix` covers, -1 if it covers none. That part must end at `:`, `/`, `@` or
 * the end, so `example.com` also covers `example.com:5000`.
 */
export function matchPrefix(name: string, prefix: string): number {
  if (prefix.startsWith('*.')) return matchSubdomain(name, prefix);
  return name.startsWith(prefix) && isBoundary(name, prefix.length) ? prefix.length : -1;
}

/** Returns the same for `*.example.com`. The first occurrence of `.example.com` decides, and it must be in the host. */
export function matchSubdomain(name: string, prefix: string): number {
  const suffix = prefix.slice(1);
  const at = name.indexOf(suffix);
  if (at < 0 || name.slice(0, at).includes('/')) return -1;
  const end = at + suffix.length;
  return isBoundary(name, end) ? end : -1;
}

/**
 * Returns the entry with the longest prefix in characters. If several are equally long, it returns the one that sorts first.
 */
export function findEntry(entries: readonly RegistryEntry[], name: string): RegistryEntry | null {
  let best: RegistryEntry | null = null;
  for (const entry of entries) {
    if (matchPrefix(name, entry.prefix) < 0) continue;
    if (entry.prefix.length > (best?.prefix.length ?? 0)) best = entry;
  }
  return best;
}

function isBoundary(name: string, at: number): boolean {
  return at === name.length || /[:/@]/.test(name.charAt(at));
}
