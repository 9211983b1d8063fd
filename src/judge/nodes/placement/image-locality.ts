/**
 * Lookup of images that eligible nodes already have (`status.images`), named after kube-scheduler's
 * ImageLocality.
 */
import { LRUCache } from 'lru-cache';
import { InvalidReference } from '../../../resolve/reference/error.ts';
import { canonical, nameOf } from '../../../resolve/reference/format.ts';
import { parseReference } from '../../../resolve/reference/parse.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';
import type { ClusterNode, ClusterNodes } from '../node.ts';
import type { Eligibility } from '../scheduling/eligible.ts';

// Limit of cached images: during an outage many pods need the same few images.
const maxImages = 64;

/**
 * Returns the lookup for eligible nodes. `revision` changes with the images that nodes have; an answer is
 * valid for one revision.
 */
export function nodeHasImage(
  nodes: ClusterNodes,
  eligible: Eligibility,
  revision: () => number,
): (reference: Reference) => boolean {
  const cached = new LRUCache<string, boolean>({ max: maxImages });
  let answered = revision();
  return (reference) => {
    const current = revision();
    if (current !== answered) cached.clear();
    answered = current;
    const key = canonical(reference);
    const before = cached.get(key);
    if (before !== undefined) return before;
    const isHeld = isHeldBy(nodes, eligible, reference);
    cached.set(key, isHeld);
    return isHeld;
  };
}

function isHeldBy(nodes: ClusterNodes, { names, admits }: Eligibility, reference: Reference): boolean {
  const isAmong = nameMatcher(reference);
  const isHolder = (node: ClusterNode | undefined): boolean =>
    node !== undefined && isAmong(node.images) && admits(node);
  if (names) return [...names].some((name) => isHolder(nodes.get(name)));
  for (const node of nodes.values()) if (isHolder(node)) return true;
  return false;
}

/** The matcher searches for a few spellings, which is cheaper than parsing thousands of names. */
function nameMatcher(reference: Reference): (names: readonly string[]) => boolean {
  const wanted = equivalentNames(reference);
  // A comparison of lengths excludes nearly every other name without hashing it.
  const lengths = [...new Set([...wanted].map((text) => text.length))];
  return (names) => names.some((name) => lengths.includes(name.length) && wanted.has(name));
}

/**
 * Returns every spelling that parses to the reference: nodes report some names in full and others in short
 * form.
 */
function equivalentNames(reference: Reference): ReadonlySet<string> {
  return new Set(
    suffixes(reference).flatMap((suffix) => {
      const full = nameOf(reference) + suffix;
      const others = shorterNames(reference).map((name) => name + suffix);
      return [full, ...others.filter((text) => canonicalOrNull(text) === full)];
    }),
  );
}

/** A node that has an image only by its tag does not have it by digest: the kubelet would pull it again. */
function suffixes({ tag, digest }: Reference): readonly string[] {
  if (digest === null) return [`:${tag}`];
  return tag === null ? [`@${digest}`] : [`@${digest}`, `:${tag}@${digest}`];
}

/** Returns the names without Docker Hub's defaults, and with its old host name. */
function shorterNames({ domain, path }: Reference): readonly string[] {
  if (domain !== 'docker.io') return [];
  const bare = path.replace(/^library\//, '');
  return ['', 'docker.io/', 'index.docker.io/'].flatMap((host) => [host + path, host + bare]);
}

function canonicalOrNull(text: string): string | null {
  try {
    return canonical(parseReference(text));
  } catch (error) {
    if (error instanceof InvalidReference) return null;
    throw error;
  }
}
