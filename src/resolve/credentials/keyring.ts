/** Keyring with the kubelet's semantics: finds docker config entries by image name. `credentials.ts` decides which host may receive them. */
import { parseGoUrl } from '../../util/text/go-url.ts';
import type { DockerEntry, KeyedEntry } from './docker-config.ts';
import { parseUrlPattern, type UrlPattern } from './url-match.ts';

export interface Keyring {
  /** Returns every entry that covers `image` (a name, `docker.io/library/nginx`), in the order to try. */
  lookup(image: string): readonly DockerEntry[];
}

interface Slot {
  readonly key: string;
  readonly covers: UrlPattern;
  readonly entries: DockerEntry[];
}

const hub = 'index.docker.io';

/**
 * Builds a keyring, sorted by keys in reverse lexical order. The order of `entries` decides only between equal keys. Keys that
 * are not URLs are ignored.
 */
export function keyring(entries: readonly KeyedEntry[]): Keyring {
  const slots = new Map<string, Slot>();
  for (const [location, entry] of entries) {
    const key = indexKey(location);
    const covers = key === null ? null : parseUrlPattern(key);
    if (key === null || covers === null) continue;
    const slot = slots.get(key) ?? { key, covers, entries: [] };
    slot.entries.push(entry);
    slots.set(key, slot);
  }
  const ordered = [...slots.values()].sort((a, b) => Buffer.compare(Buffer.from(b.key), Buffer.from(a.key)));
  return {
    lookup(image) {
      const found = ordered.filter(({ covers }) => covers(image)).flatMap((slot) => slot.entries);
      if (found.length > 0 || !isDefaultRegistry(image)) return found;
      return slots.get(hub)?.entries ?? [];
    },
  };
}

/** Returns true if this image would be pulled from Docker Hub. */
export function isDefaultRegistry(image: string): boolean {
  const [first = '', ...rest] = image.split('/');
  if (first === '' || rest.length === 0) return first !== '';
  return first === 'docker.io' || first === hub || !/[.:]/.test(first);
}

/** Normalizes `https://index.docker.io/v1/` to `index.docker.io`; strips `/v1/` and `/v2/` only with their trailing slash. Returns null if the text is not a URL. */
function indexKey(location: string): string | null {
  const url = parseGoUrl(/^https?:\/\//.test(location) ? location : `https://${location}`);
  if (!url) return null;
  const path = url.path.replace(/^\/v[12](?=\/)/, '');
  return path === '/' ? url.host : url.host + path;
}
