/** Why an endpoint of a containerd list is skipped for an image; null if it is asked. */
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
 * A tag is asked only at endpoints with `pull` and `resolve`, a digest at those with `pull`. containerd's fetcher asks
 * every host, those without `pull` too, as soon as one host of the list has it (`hasPull`).
 */
export function lacksCapability(
  reference: Reference,
  own: readonly Capability[],
  hasPull: boolean,
): Skip | null {
  const needed: readonly Capability[] = reference.digest === null ? ['pull', 'resolve'] : ['pull'];
  if (hasCapabilities(own, needed)) return null;
  const asked = reference.digest === null ? 'a tag' : 'a digest';
  const message = `its capabilities are ${own.join(', ')}; ${asked} needs ${needed.join(' and ')}`;
  const mayServe = hasPull && !own.includes('pull');
  return { reason: 'Capability', message, ...(mayServe && { mayServe }) };
}

// Field names and values of HTTP (RFC 9110, section 5); clients do not send others.
const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** No request can be made with this address or header: the node fails there at once and goes on. */
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

/** The repository that the node asks for is not known, or is not a repository name. */
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
