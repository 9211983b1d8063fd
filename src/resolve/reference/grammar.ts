/** The grammar of distribution/reference (regexp.go), anchored. It splits and checks; it knows no defaults. */

// None of these can backtrack more than linearly per component: no two neighbours accept the same character.
const alphanumeric = '[a-z0-9]+';
const separator = '(?:[._]|__|[-]+)';
const pathComponent = `${alphanumeric}(?:${separator}${alphanumeric})*`;
const path = `${pathComponent}(?:/${pathComponent})*`;
const domainComponent = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const domainName = `${domainComponent}(?:\\.${domainComponent})*`;
// Neither zone identifiers nor IPv4-mapped forms, on purpose; the address itself is not checked.
const ipv6Address = '\\[[a-fA-F0-9:]+\\]';
const domain = `(?:${domainName}|${ipv6Address})(?::[0-9]+)?`;
const name = `(?:${domain}/)?${path}`;
const tag = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';
// Looser than go-digest in the hex and stricter in the algorithm: a digest has to pass both.
const digest = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';

/** Whole-string patterns; groups as in upstream: `reference` has name, tag, digest; `name` has domain, path. */
export const grammar = {
  reference: new RegExp(`^(${name})(?::(${tag}))?(?:@(${digest}))?$`),
  name: new RegExp(`^(?:(${domain})/)?(${path})$`),
  domain: new RegExp(`^${domain}$`),
  tag: new RegExp(`^${tag}$`),
  digest: new RegExp(`^${digest}$`),
  /** 64 hexadecimal digits: a content identifier, never a repository name. */
  identifier: /^[a-f0-9]{64}$/,
} as const;
