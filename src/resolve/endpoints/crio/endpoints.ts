/** Entries of registries.conf → the endpoints of a reference. Serves OpenShift's mirror sets too, which become such entries. */
import { nameOf } from '../../reference/format.ts';
import type { Reference } from '../../reference/reference.ts';
import { type CertsD, noCertificates } from '../files/certs-d.ts';
import { allCapabilities, registryHost } from '../default.ts';
import type { Endpoint, EndpointList, Skip } from '../endpoint.ts';
import { isNodeLocal } from '../loopback.ts';
import { placeOf } from '../warn.ts';
import type { RegistryEntry } from './registries-conf/entry.ts';
import { findEntry } from './registries-conf/prefix.ts';
import { type PullSource, pullSources, RewriteFailed } from './registries-conf/pull-sources.ts';
import { entryQuirks, rewriteFailed } from './quirks.ts';

export function entryEndpoints(
  reference: Reference,
  entries: readonly RegistryEntry[],
  certsD: CertsD,
): EndpointList {
  const entry = findEntry(entries, nameOf(reference));
  if (entry === null) return { endpoints: [bare(reference, certsD)], warnings: [] };
  try {
    const sources = pullSources(entries, entry, reference);
    return {
      endpoints: sources.map((source) => endpoint(source, entry, certsD)),
      warnings: entryQuirks(reference, entry, entries),
    };
  } catch (error) {
    if (!(error instanceof RewriteFailed)) throw error;
    // CRI-O gives the whole pull up, so that there is nobody left to ask.
    return { endpoints: [], warnings: [rewriteFailed(error)] };
  }
}

function endpoint(source: PullSource, entry: RegistryEntry, certsD: CertsD): Endpoint {
  const upstream = bare(source.reference, certsD);
  return {
    ...upstream,
    ...(source.isMirror && { role: 'mirror', capabilities: ['pull', 'resolve'] }),
    tls: { ...upstream.tls, skipVerify: source.at.insecure },
    plainFallback: source.at.insecure ? ['AnyFailure'] : [],
    source: source.at.source,
    skip: blocked(source, entry) ?? unsuited(source) ?? upstream.skip,
  };
}

/** The registry itself without any settings. A loopback address has no privileges here. */
function bare(reference: Reference, certsD: CertsD): Endpoint {
  const { tls, skip } = certsD.get(reference.domain) ?? noCertificates;
  const url = `https://${registryHost(reference.domain)}/v2`;
  return {
    url,
    role: 'upstream',
    capabilities: allCapabilities,
    namespace: null,
    repository: reference.path,
    tls,
    plainFallback: [],
    headers: {},
    dialTimeoutMs: null,
    credential: null,
    nodeLocal: isNodeLocal(url),
    source: null,
    skip,
  };
}

/** `blocked` concerns the registry itself; a mirror is blocked by an entry of its own only. */
function blocked(source: PullSource, entry: RegistryEntry): Skip | null {
  const by = source.blockedBy ?? (!source.isMirror && entry.blocked ? entry : null);
  return by && { reason: 'Blocked', message: `${by.prefix} is blocked (${placeOf(by.source)})` };
}

function unsuited({ at, unsuited }: PullSource): Skip | null {
  if (unsuited === null) return null;
  const asked =
    unsuited === 'digest-only' ? 'digest, and this image has a tag only' : 'tag, and this image has a digest';
  return { reason: 'Capability', message: `${at.location} is asked by ${asked} (${placeOf(at.source)})` };
}
