/** Resolution of image names without a registry. CRI-O resolves them by registries.conf, not as names of Docker Hub. */
import { DocumentError } from '../../../document/document-error.ts';
import { clean } from '../../../util/text/text.ts';
import { InvalidReference } from '../../reference/error.ts';
import { nameOf } from '../../reference/format.ts';
import { grammar } from '../../reference/grammar.ts';
import { parseNormalised } from '../../reference/normalise.ts';
import { parseNamed, type ReferenceParts } from '../../reference/parse-named.ts';
import type { Reference } from '../../reference/reference.ts';
import type { ReferenceRefusal } from '../endpoint.ts';
import { parseLocation } from './registries-conf/check.ts';

/** CRI-O's own setting; CRI-O ignores the mode of registries.conf. Up to 1.33 the mode is always `disabled`. */
export type CrioShortNameMode = 'disabled' | 'enforcing';

/** Maps a short name to its full repository name, or to null if a file removes the alias of an earlier one. */
export type Aliases = ReadonlyMap<string, string | null>;

export interface ShortNames {
  readonly mode: CrioShortNameMode;
  readonly search: readonly string[];
  readonly aliases: Aliases;
}

/** Checks the mode of a registries.conf. Throws `DocumentError`. */
export function parseShortNameMode(text: string): string {
  if (['disabled', 'permissive', 'enforcing'].includes(text)) return text;
  throw invalid(`"short-name-mode" is "${text}"; write enforcing, permissive or disabled`);
}

/** Reads an entry of `unqualified-search-registries`, a host without a path. Throws `DocumentError`. */
export function parseSearchRegistry(text: string): string {
  const host = parseLocation(text);
  if (grammar.domain.test(host)) return host;
  throw invalid(`"unqualified-search-registries" holds "${text}"; write host or host:port only`);
}

/** Reads the aliases. Throws `DocumentError`. */
export function parseAliases(aliases: ReadonlyMap<string, string>): Aliases {
  return new Map(
    [...aliases].map(([name, value]) => [aliasName(name), value === '' ? null : aliasTarget(value)]),
  );
}

/**
 * Returns the references that CRI-O tries, in order: the alias, or the name at every search registry; the name itself if it
 * has a registry.
 */
export function shortNameCandidates(
  reference: Reference,
  { search, aliases }: ShortNames,
): readonly Reference[] {
  const { shortName, tag, digest } = reference;
  if (shortName === undefined) return [reference];
  const alias = aliases.get(shortName) ?? null;
  const names = alias === null ? search.map((registry) => `${registry}/${shortName}`) : [alias];
  return names.map((name) => ({ ...parseNormalised(name), tag, digest }));
}

/** Returns the reason for which the nodes reject `image` as written; null if they accept it. */
export function refuseShortName(
  image: string,
  { mode, search, aliases }: ShortNames,
): ReferenceRefusal | null {
  const parts = parseShortName(image);
  if (parts === null || typeof aliases.get(nameOf(parts)) === 'string') return null;
  const [first, ...others] = search;
  const name = nameOf(parts);
  if (first === undefined) {
    const full = nameOf(parseNormalised(name));
    return refusal(`the nodes have no registry to search; write ${full}`);
  }
  if (mode === 'disabled' || others.length === 0) return null;
  return refusal(
    `the nodes refuse to choose between ${search.join(', ')}; write the registry, as in ${first}/${name}`,
  );
}

/** Returns the parts of a name without a registry; null for any other text. */
function parseShortName(image: string): ReferenceParts | null {
  const parts = parseOrNull(image);
  return parts === null || isQualified(parts) ? null : parts;
}

function isQualified({ domain }: ReferenceParts): boolean {
  return /[.:]/.test(domain) || domain === 'localhost';
}

function aliasName(name: string): string {
  const parts = parseShortName(name);
  if (parts && parts.tag === null && parts.digest === null) return name;
  throw invalid(`alias "${name}" is not a short name; write a name without registry, tag and digest`);
}

function aliasTarget(value: string): string {
  const parts = parseOrNull(value);
  if (parts && isQualified(parts) && parts.tag === null && parts.digest === null) {
    return nameOf(parseNormalised(value));
  }
  throw invalid(`alias for "${value}": write registry and repository, without tag and digest`);
}

function parseOrNull(text: string): ReferenceParts | null {
  try {
    return parseNamed(text);
  } catch (error) {
    if (error instanceof InvalidReference) return null;
    throw error;
  }
}

function refusal(why: string): ReferenceRefusal {
  return { reason: 'ShortName', message: clean(`names no registry: ${why}`, 512) };
}

function invalid(message: string): DocumentError {
  return new DocumentError('INVALID', message);
}
