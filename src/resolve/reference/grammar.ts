/** Grammar of distribution/reference (regexp.go), anchored. It splits and validates texts, and adds no defaults. */

// No pattern backtracks more than linearly per component, because no two neighbouring parts accept the same character.
const alphanumeric = '[a-z0-9]+';
const separator = '(?:[._]|__|[-]+)';
const pathComponent = `${alphanumeric}(?:${separator}${alphanumeric})*`;
const path = `${pathComponent}(?:/${pathComponent})*`;
const domainComponent = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const domainName = `${domainComponent}(?:\\.${domainComponent})*`;
// Zone identifiers and IPv4-mapped forms are excluded on purpose; the address itself is not validated.
const ipv6Address = '\\[[a-fA-F0-9:]+\\]';
const domain = `(?:${domainName}|${ipv6Address})(?::[0-9]+)?`;
const name = `(?:${domain}/)?${path}`;
const tag = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';
// The pattern is looser than go-digest for the hexadecimal digits and stricter for the algorithm, so a digest must match both.
const digest = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';

/**
 * Patterns for whole texts, with the groups of distribution/reference: `reference` has name, tag, digest; `name` has domain,
 * path.
 */
export const grammar = {
  reference: new RegExp(`^(${name})(?::(${tag}))?(?:@(${digest}))?$`),
  name: new RegExp(`^(?:(${domain})/)?(${path})$`),
  domain: new RegExp(`^${domain}$`),
  tag: new RegExp(`^${tag}$`),
  digest: new RegExp(`^${digest}$`),
  /** Matches 64 hexadecimal digits: a content identifier, never a repository name. */
  identifier: /^[a-f0-9]{64}$/,
} as const;
