/**
 * Endpoints of dockerd with graph drivers. Requests to mirrors have no `ns=`, and certificates for Docker Hub cannot be
 * configured.
 */
import type { Reference } from '../../reference/reference.ts';
import type { Warning } from '../../warning.ts';
import { type CertsD, noCertificates } from '../files/certs-d.ts';
import { defaultEndpoint } from '../default.ts';
import { type Endpoint, type EndpointList, plainTls } from '../endpoint.ts';
import { isNodeLocal } from '../loopback.ts';
import type { DaemonConfig, DockerMirror } from './daemon-json.ts';
import { dependsOnLookup, type Names } from '../insecure-registries.ts';
import { type Candidate, lookupCandidates } from './lookup-candidates.ts';
import { isReachable, mirrorApiRoot } from './mirror.ts';
import { graphMirrorWarning, networkNotLookedUp, unusableMirror } from './mirror-warnings.ts';

export function graphEndpoints(
  reference: Reference,
  config: DaemonConfig,
  certsD: CertsD,
  names: Names,
): EndpointList {
  const candidates = lookupCandidates(config.mirrors, config.insecure, reference.domain, names);
  return {
    endpoints: candidates.filter(isUsable).map((each) => toEndpoint(reference, each, config, certsD)),
    warnings: candidates.flatMap((each) => candidateWarnings(each, config)),
  };
}

/** Returns the API root; dockerd appends `/v2` to every mirror. */
function apiRoot({ mirror, url }: Candidate<DockerMirror>): string {
  return mirror ? mirrorApiRoot(mirror.url) : `${url}/v2`;
}

function isUsable(candidate: Candidate<DockerMirror>): boolean {
  return candidate.mirror === null || isReachable(candidate.mirror.url, apiRoot(candidate));
}

function toEndpoint(
  reference: Reference,
  candidate: Candidate<DockerMirror>,
  config: DaemonConfig,
  certsD: CertsD,
): Endpoint {
  const { mirror, host, insecure, plainFallback } = candidate;
  const url = apiRoot(candidate);
  // dockerd does not verify an insecure registry and does not even read its certificates (moby newTLSConfig).
  const { tls, skip } = (host !== null && !insecure && certsD.get(host)) || noCertificates;
  return {
    ...defaultEndpoint(reference),
    ...(mirror && { role: 'mirror', capabilities: ['pull', 'resolve'] }),
    url,
    tls: insecure ? { ...plainTls, skipVerify: true } : tls,
    plainFallback: plainFallback ? ['AnyFailure'] : [],
    nodeLocal: isNodeLocal(url),
    source: mirror?.source ?? (host === null ? null : (config.insecureSources.get(host) ?? null)),
    skip,
  };
}

function candidateWarnings(candidate: Candidate<DockerMirror>, config: DaemonConfig): readonly Warning[] {
  const { mirror, host, insecure } = candidate;
  if (mirror && !isUsable(candidate)) return [unusableMirror(mirror)];
  const ownWarning = mirror && graphMirrorWarning(mirror);
  const looksUp = host !== null && !insecure && dependsOnLookup(config.insecure, host);
  const network = looksUp ? networkNotLookedUp(host) : null;
  return [ownWarning, network].filter((warning) => warning !== null);
}
