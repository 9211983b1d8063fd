/**
 * Converter of dockerd's mirrors to hosts of containerd's resolver, for containerd's image store (moby
 * `mirrorsToRegistryHosts`).
 */
import { posix } from 'node:path';
import { type GoUrl, parseGoUrl } from '../../../util/text/go-url.ts';
import type { Capability } from '../endpoint.ts';

export interface StoreHost {
  readonly scheme: string;
  readonly host: string;
  /** API root, `/v2`. */
  readonly path: string;
  readonly capabilities: readonly Capability[];
}

const mirrorCapabilities: readonly Capability[] = ['pull', 'resolve', 'referrers'];
// Placeholder for the scheme that an entry such as `mirror:5000` lacks.
const noScheme = 'dummy';

/** Returns the mirror's host for containerd's resolver; parts that the mirror lacks come from `upstream`. */
export function storeHost(mirror: string, upstream: StoreHost): StoreHost {
  const url = withHost(parseGoUrl(mirror)) ?? withHost(parseGoUrl(`${noScheme}://${mirror}`));
  if (!url) return { ...upstream, host: mirror, path: '/v2', capabilities: mirrorCapabilities };
  const path = url.path.replace(/\/$/, '');
  return {
    scheme: url.scheme === noScheme ? upstream.scheme : url.scheme,
    host: url.host,
    path: path.endsWith('/v2') ? path : posix.join(path, '/v2'),
    capabilities: mirrorCapabilities,
  };
}

function withHost(url: GoUrl | null): GoUrl | null {
  return url !== null && url.host !== '' ? url : null;
}
