/** Warnings about dockerd's own peculiarities, in the words that people see. */
import type { Warning } from '../../warning.ts';
import { warn } from '../warn.ts';
import type { DockerMirror } from './daemon-json.ts';
import { mirrorApiRoot, mirrorRoot } from './mirror.ts';

/** No request can reach it; dockerd finds out when it tries. */
export function unusableMirror(mirror: DockerMirror): Warning {
  return warn(
    'MirrorUnusable',
    mirror.source,
    `mirror ${mirror.url} cannot be reached by any request; correct its host or port`,
  );
}

/** What dockerd's own image store makes of a mirror that cannot be meant; null when the mirror is fine. */
export function classicQuirk(mirror: DockerMirror): Warning | null {
  const asked = mirrorApiRoot(mirror.url);
  const text = `mirror ${mirror.url} is asked at ${asked}`;
  if (mirrorRoot(mirror.url) !== mirror.url) {
    return warn(
      'MirrorScheme',
      mirror.source,
      `${text}: dockerd takes a scheme in capitals for a host; write it in lower case`,
    );
  }
  if (asked.endsWith('/v2/v2')) {
    return warn('MirrorPath', mirror.source, `${text}: dockerd appends /v2 to every mirror; remove it there`);
  }
  return null;
}

/** The one place where Pratique does less than dockerd: it looks up no names to find their networks. */
export function networkNotLookedUp(host: string): Warning {
  const text = `insecure-registries holds networks: dockerd would look up ${host} and might not verify its certificate; here it is verified. List the host itself to change that`;
  return warn('InsecureNetwork', null, text);
}

/** The store's hosts share one transport, so that one insecure mirror loosens them all; that much is not reproduced. */
export function insecureShared(mirror: DockerMirror): Warning {
  const text = `mirror ${mirror.url} is insecure: dockerd then verifies no certificate for docker.io, not even Docker Hub's; here only the mirror is not verified`;
  return warn('InsecureShared', mirror.source, text);
}
