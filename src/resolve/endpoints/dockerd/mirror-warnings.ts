/** Warnings about mirrors that dockerd does not use as they appear to be meant. */
import type { Warning } from '../../warning.ts';
import { warn } from '../warn.ts';
import type { DockerMirror } from './daemon-json.ts';
import { mirrorApiRoot, mirrorRoot } from './mirror.ts';

/** Warns that no request can reach the mirror, which dockerd does not check. */
export function unusableMirror(mirror: DockerMirror): Warning {
  return warn(
    'MirrorUnusable',
    mirror.source,
    `mirror ${mirror.url} cannot be reached by any request; correct its host or port`,
  );
}

/**
 * Warns that dockerd contacts the mirror at an address that is probably a mistake; returns null if the address is plausible.
 */
export function graphMirrorWarning(mirror: DockerMirror): Warning | null {
  const root = mirrorApiRoot(mirror.url);
  const text = `mirror ${mirror.url} is asked at ${root}`;
  if (mirrorRoot(mirror.url) !== mirror.url) {
    return warn(
      'MirrorScheme',
      mirror.source,
      `${text}: dockerd takes a scheme in capitals for a host; write it in lower case`,
    );
  }
  if (root.endsWith('/v2/v2')) {
    return warn('MirrorPath', mirror.source, `${text}: dockerd appends /v2 to every mirror; remove it there`);
  }
  return null;
}

/** Warns that dockerd looks up the host's name to find its network, which Pratique does not. */
export function networkNotLookedUp(host: string): Warning {
  const text = `insecure-registries holds networks: dockerd looks up ${host} and may not verify its certificate; here it is verified. List the host itself to change that`;
  return warn('InsecureNetwork', null, text);
}

/**
 * Warns that one insecure mirror makes dockerd verify no host of the image store, because all share one transport. Pratique
 * does not reproduce this.
 */
export function insecureShared(mirror: DockerMirror): Warning {
  const text = `mirror ${mirror.url} is insecure: dockerd then verifies no certificate for docker.io, not even Docker Hub's; here only the mirror is not verified`;
  return warn('InsecureShared', mirror.source, text);
}
