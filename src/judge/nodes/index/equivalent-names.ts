/** Does a node hold an image (`status.images`)? Nodes write names in full or as people do; both are one image. */
import { InvalidReference } from '../../../resolve/reference/error.ts';
import { canonical, nameOf } from '../../../resolve/reference/format.ts';
import { parseReference } from '../../../resolve/reference/parse.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';

/** Is the image among these names? Looking for a few texts is cheaper than reading thousands of names. */
export function equivalentNames(reference: Reference): (names: readonly string[]) => boolean {
  const wanted = spellings(reference);
  // Lengths tell nearly all others off, without hashing them.
  const lengths = [...new Set([...wanted].map((text) => text.length))];
  return (names) => names.some((name) => lengths.includes(name.length) && wanted.has(name));
}

/** Every way to write the image that reads back as it. */
function spellings(reference: Reference): ReadonlySet<string> {
  return new Set(
    suffixes(reference).flatMap((suffix) => {
      const full = nameOf(reference) + suffix;
      const others = shorter(reference).map((name) => name + suffix);
      return [full, ...others.filter((text) => reads(text) === full)];
    }),
  );
}

/** A node that holds it by its tag alone does not hold it by that digest: the kubelet would pull. */
function suffixes({ tag, digest }: Reference): readonly string[] {
  if (digest === null) return [`:${tag}`];
  return tag === null ? [`@${digest}`] : [`@${digest}`, `:${tag}@${digest}`];
}

/** Docker Hub's defaults left out, and its old name. */
function shorter({ domain, path }: Reference): readonly string[] {
  if (domain !== 'docker.io') return [];
  const bare = path.replace(/^library\//, '');
  return ['', 'docker.io/', 'index.docker.io/'].flatMap((host) => [host + path, host + bare]);
}

function reads(text: string): string | null {
  try {
    return canonical(parseReference(text));
  } catch (error) {
    if (error instanceof InvalidReference) return null;
    throw error;
  }
}
