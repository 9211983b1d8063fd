/** Converts entries of registries.conf into the `Endpoint`s of one image. OpenShift's mirror sets become such entries too. */
import { nameOf } from '../../reference/format.ts';
import type { Reference } from '../../reference/reference.ts';
import { defaultEndpoint, registryHost } from '../default.ts';
import type { Endpoint, EndpointList, Skip } from '../endpoint.ts';
import { type CertsD, noCertificates } from '../files/certs-d.ts';
import { isNodeLocal } from '../loopback.ts';
import { sourceText } from '../warn.ts';
import { entryWarnings, rewriteFailedWarning } from './entry-warnings.ts';
import type { RegistryEntry } from './registries-conf/entry.ts';
import { findEntry } from './registries-conf/prefix.ts';
import { type PullSource, pullSources, RewriteFailed } from './registries-conf/pull-sources.ts';

/** Returns the endpoints of a reference. `isInsecure` is true if crio.conf makes every endpoint of this registry insecure. */
export function entryEndpoints(
  reference: Reference,
  entries: readonly RegistryEntry[],
  certsD: CertsD,
  isInsecure = false,
): EndpointList {
  const { endpoints, warnings } = listedEndpoints(reference, entries, certsD);
  return { endpoints: isInsecure ? endpoints.map(withoutVerification) : endpoints, warnings };
}

function listedEndpoints(
  reference: Reference,
  entries: readonly RegistryEntry[],
  certsD: CertsD,
): EndpointList {
  const entry = findEntry(entries, nameOf(reference));
  if (entry === null) return { endpoints: [registryEndpoint(reference, certsD)], warnings: [] };
  try {
    const sources = pullSources(entries, entry, reference);
    return {
      endpoints: sources.map((source) => sourceEndpoint(source, entry, certsD)),
      warnings: entryWarnings(reference, entry, entries),
    };
  } catch (error) {
    if (!(error instanceof RewriteFailed)) throw error;
    // CRI-O fails the whole pull, so it contacts no endpoint.
    return { endpoints: [], warnings: [rewriteFailedWarning(error)] };
  }
}

function sourceEndpoint(source: PullSource, entry: RegistryEntry, certsD: CertsD): Endpoint {
  const registry = registryEndpoint(source.reference, certsD);
  const own = {
    ...registry,
    source: source.at.source,
    skip: blocked(source, entry) ?? notForReference(source) ?? registry.skip,
  };
  const endpoint: Endpoint = source.isMirror
    ? { ...own, role: 'mirror', capabilities: ['pull', 'resolve'] }
    : own;
  return source.at.insecure ? withoutVerification(endpoint) : endpoint;
}

function withoutVerification(endpoint: Endpoint): Endpoint {
  return { ...endpoint, tls: { ...endpoint.tls, skipVerify: true }, plainFallback: ['AnyFailure'] };
}

/** Returns the registry itself without any settings. containers/image treats loopback addresses like any other. */
function registryEndpoint(reference: Reference, certsD: CertsD): Endpoint {
  const { tls, skip } = certsD.get(reference.domain) ?? noCertificates;
  const url = `https://${registryHost(reference.domain)}/v2`;
  return {
    ...defaultEndpoint(reference),
    url,
    tls,
    plainFallback: [],
    nodeLocal: isNodeLocal(url),
    skip,
  };
}

/**
 * Returns a skip if an entry blocks the endpoint. `blocked` applies to the registry itself; only an entry of its own blocks a
 * mirror.
 */
function blocked(source: PullSource, entry: RegistryEntry): Skip | null {
  const by = source.blockedBy ?? (!source.isMirror && entry.blocked ? entry : null);
  return by && { reason: 'Blocked', message: `${by.prefix} is blocked (${sourceText(by.source)})` };
}

function notForReference({ at, unsuited }: PullSource): Skip | null {
  if (unsuited === null) return null;
  const kind =
    unsuited === 'digest-only' ? 'digest, and this image has a tag only' : 'tag, and this image has a digest';
  return { reason: 'Capability', message: `${at.location} is asked by ${kind} (${sourceText(at.source)})` };
}
