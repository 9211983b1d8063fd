/** Reasons for which containerd skips an endpoint for an image. Every function returns null if the endpoint is not skipped. */
import { clean } from '../../../util/text/text.ts';
import type { Reference } from '../../reference/reference.ts';
import type { Capability, Skip } from '../endpoint.ts';
import type { HostTable } from './hosts-toml/host-table.ts';
import type { ResolvedHost } from './resolve-hosts.ts';
import type { RewriteResult } from './rewrite.ts';

export function hasCapabilities(own: readonly Capability[], needed: readonly Capability[]): boolean {
  return needed.every((capability) => own.includes(capability));
}

/**
 * Returns a skip if the host lacks a capability. containerd resolves a tag only at hosts with `pull` and `resolve`, and a
 * digest at hosts with `pull`. Its fetcher queries every host, even one without `pull`, if at least one host of the list has
 * `pull` (`hasPull`).
 */
export function lacksCapability(
  reference: Reference,
  own: readonly Capability[],
  hasPull: boolean,
): Skip | null {
  const needed: readonly Capability[] = reference.digest === null ? ['pull', 'resolve'] : ['pull'];
  if (hasCapabilities(own, needed)) return null;
  const target = reference.digest === null ? 'a tag' : 'a digest';
  const message = `its capabilities are ${own.join(', ')}; ${target} needs ${needed.join(' and ')}`;
  const mayServe = hasPull && !own.includes('pull');
  return { reason: 'Capability', message, ...(mayServe && { mayServe }) };
}

// Field names and values that RFC 9110, section 5, allows. HTTP clients do not send others.
const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Returns a skip if no request can be made with this address or header. The node's request fails at once, and the node
 * continues with the next host.
 */
export function unusable({ scheme, host, path }: ResolvedHost, table: HostTable): Skip | null {
  const isHttp = scheme === 'https' || scheme === 'http';
  if (!isHttp || host === '' || !URL.canParse(`${scheme}://${host}`)) {
    const address = clean(`${scheme}://${host}${path}`, 120);
    return { reason: 'Capability', message: `${address} is not the address of an http server; correct it` };
  }
  const bad = [...(table.header ?? [])].find(
    ([name, values]) => !fieldName.test(name) || !values.every((value) => fieldValue.test(value)),
  );
  if (!bad) return null;
  return {
    reason: 'Capability',
    message: `header ${clean(bad[0], 80)} cannot be sent over HTTP; correct it`,
  };
}

/** Returns a skip if the rewritten repository is ambiguous or not a valid repository name. */
export function unclearRewrite(rewritten: RewriteResult): Skip | null {
  switch (rewritten.kind) {
    case 'rewritten':
      return null;
    case 'ambiguous':
      return {
        reason: 'AmbiguousRewrite',
        message: `several rewrite rules change the repository (to ${clean(rewritten.results.join(', '))}), and the node applies a random one; make them exclude each other`,
      };
    case 'invalid':
      return {
        reason: 'AmbiguousRewrite',
        message: `the rewrite makes "${clean(rewritten.repository, 120)}", which is not a repository name; correct it`,
      };
    default:
      return rewritten satisfies never;
  }
}
