/** Registries that dockerd tries for an image, in order (moby `LookupPullEndpoints`). */
import { registryHost } from '../default.ts';
import { type InsecureRegistries, isInsecure, type Names } from '../insecure-registries.ts';
import { mirrorHost, mirrorRoot } from './mirror.ts';

export interface Candidate<M> {
  /** null for the registry itself. */
  readonly mirror: M | null;
  /** URL in dockerd's form: `https://mirror.corp/`, `https://registry-1.docker.io`. */
  readonly url: string;
  /** Name of the host's directory in `certs.d`; null for Docker Hub, whose certificates cannot be configured. */
  readonly host: string | null;
  readonly insecure: boolean;
  /** True if dockerd tries http at the same host and port after https failed. */
  readonly plainFallback: boolean;
}

/**
 * Returns the candidates for an image of `domain`. Mirrors serve Docker Hub only, and dockerd never changes a mirror's scheme.
 */
export function lookupCandidates<M extends { readonly url: string }>(
  mirrors: readonly M[],
  insecure: InsecureRegistries,
  domain: string,
  names: Names,
): readonly Candidate<M>[] {
  if (domain !== 'docker.io' && domain !== 'index.docker.io') {
    const isHostInsecure = isInsecure(insecure, domain, names);
    return [
      {
        mirror: null,
        url: `https://${domain}`,
        host: domain,
        insecure: isHostInsecure,
        plainFallback: isHostInsecure,
      },
    ];
  }
  const hub = {
    mirror: null,
    url: `https://${registryHost('docker.io')}`,
    host: null,
    insecure: false,
    plainFallback: false,
  };
  return [...mirrors.map((mirror) => candidate(mirror, insecure, names)), hub];
}

function candidate<M extends { readonly url: string }>(
  mirror: M,
  insecure: InsecureRegistries,
  names: Names,
): Candidate<M> {
  const host = mirrorHost(mirror.url);
  return {
    mirror,
    url: mirrorRoot(mirror.url),
    host,
    insecure: isInsecure(insecure, host, names),
    plainFallback: false,
  };
}
