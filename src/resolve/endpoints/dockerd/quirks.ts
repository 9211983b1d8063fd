/** Warnings about dockerd's own peculiarities, in the words that people see. */
import { clean } from '../../../util/text.ts';
import type { Warning } from '../../warning.ts';
import type { Mirror } from './daemon-json.ts';
import { mirrorApiRoot, mirrorRoot } from './mirror.ts';

/** No request can reach it; dockerd finds out when it tries. */
export function unusableMirror(mirror: Mirror): Warning {
  return warning(
    'MirrorUnusable',
    `mirror ${mirror.url} cannot be reached by any request; correct its host or port`,
    mirror,
  );
}

/** What dockerd's own image store makes of a mirror that cannot be meant; null when the mirror is fine. */
export function classicQuirk(mirror: Mirror): Warning | null {
  const asked = mirrorApiRoot(mirror.url);
  const text = `mirror ${mirror.url} is asked at ${asked}`;
  if (mirrorRoot(mirror.url) !== mirror.url) {
    return warning(
      'MirrorScheme',
      `${text}: dockerd takes a scheme in capitals for a host; write it in lower case`,
      mirror,
    );
  }
  if (asked.endsWith('/v2/v2')) {
    return warning('MirrorPath', `${text}: dockerd appends /v2 to every mirror; remove it there`, mirror);
  }
  return null;
}

/** The one place where Pratique does less than dockerd: it looks up no names to find their networks. */
export function networkNotLookedUp(host: string): Warning {
  const text = `insecure-registries holds networks: dockerd would look up ${host} and might not verify its certificate; here it is verified. List the host itself to change that`;
  return warning('InsecureNetwork', text, null);
}

/** The store's hosts share one transport, so that one insecure mirror loosens them all; that much is not reproduced. */
export function insecureShared(mirror: Mirror): Warning {
  const text = `mirror ${mirror.url} is insecure: dockerd then verifies no certificate for docker.io, not even Docker Hub's; here only the mirror is not verified`;
  return warning('InsecureShared', text, mirror);
}

function warning(code: string, text: string, mirror: Mirror | null): Warning {
  return { code, message: clean(text, 512), source: mirror && `${mirror.source.file}:${mirror.source.line}` };
}
