/** Image names without a registry, which CRI-O resolves by its own rules and Kubernetes by Docker Hub's. Tells when the two differ. */

import { clean } from '../../../util/text/text.ts';
import { InvalidReference } from '../../reference/error.ts';
import { nameOf } from '../../reference/format.ts';
import { grammar } from '../../reference/grammar.ts';
import { parseNormalised } from '../../reference/normalise.ts';
import { type ReferenceParts, parseStrict } from '../../reference/parse-named.ts';
import type { ReferenceRefusal } from '../endpoint.ts';
import { InvalidSetting } from '../invalid-setting.ts';
import { parseLocation } from './registries-conf/check.ts';

export type ShortNameMode = 'disabled' | 'permissive' | 'enforcing';

/** Short name → full repository name; null: an earlier file's alias is taken back. */
export type Aliases = ReadonlyMap<string, string | null>;

export interface ShortNames {
  readonly mode: ShortNameMode;
  readonly search: readonly string[];
  readonly aliases: Aliases;
}

export function parseShortNameMode(text: string): ShortNameMode {
  if (text === 'disabled' || text === 'permissive' || text === 'enforcing') return text;
  throw new InvalidSetting(`"short-name-mode" is "${text}"; write enforcing, permissive or disabled`);
}

/** An entry of `unqualified-search-registries`: a host without a path. */
export function searchRegistry(text: string): string {
  const host = parseLocation(text);
  if (grammar.domain.test(host)) return host;
  throw new InvalidSetting(`"unqualified-search-registries" holds "${text}"; write host or host:port only`);
}

/** Throws `InvalidSetting`. */
export function parseAliases(aliases: ReadonlyMap<string, string>): Aliases {
  return new Map(
    [...aliases].map(([name, value]) => [aliasName(name), value === '' ? null : aliasTarget(value)]),
  );
}

/** Why the nodes would not take `image`, as written, for what Pratique checks; null when they do. */
export function refuseShortName(
  image: string,
  { mode, search, aliases }: ShortNames,
): ReferenceRefusal | null {
  const parts = shortName(image);
  if (parts === null) return null;
  const checked = nameOf(parseNormalised(nameOf(parts)));
  const alias = aliases.get(nameOf(parts)) ?? null;
  if (alias !== null) return alias === checked ? null : refusal(`the nodes take it for ${alias}; write that`);
  const [first, ...others] = search;
  const full = `${first}/${nameOf(parts)}`;
  if (first === undefined) return refusal(`the nodes have no registry to search; write ${checked}`);
  if (mode === 'enforcing' && others.length > 0) {
    return refusal(
      `the nodes refuse to choose between ${search.join(', ')}; write the registry, as in ${full}`,
    );
  }
  // The nodes look there first; what they would do after a failure is not worth a refusal.
  return first === 'docker.io'
    ? null
    : refusal(`the nodes look for it at ${search.join(', ')}; write ${full}`);
}

/** The parts of a name without a registry; null for others and for what is no name at all. */
function shortName(image: string): ReferenceParts | null {
  try {
    const parts = parseStrict(image);
    return isQualified(parts) ? null : parts;
  } catch (error) {
    if (error instanceof InvalidReference) return null;
    throw error;
  }
}

function isQualified({ domain }: ReferenceParts): boolean {
  return /[.:]/.test(domain) || domain === 'localhost';
}

function aliasName(name: string): string {
  const parts = shortName(name);
  if (parts && parts.tag === null && parts.digest === null) return name;
  throw new InvalidSetting(`alias "${name}" is no short name; write a name without registry, tag and digest`);
}

function aliasTarget(value: string): string {
  const parts = parsedOr(value);
  if (parts && isQualified(parts) && parts.tag === null && parts.digest === null) {
    return nameOf(parseNormalised(value));
  }
  throw new InvalidSetting(`alias for "${value}": write registry and repository, without tag and digest`);
}

function parsedOr(text: string): ReferenceParts | null {
  try {
    return parseStrict(text);
  } catch (error) {
    if (error instanceof InvalidReference) return null;
    throw error;
  }
}

function refusal(why: string): ReferenceRefusal {
  return { reason: 'ShortName', message: clean(`names no registry: ${why}`, 512) };
}
