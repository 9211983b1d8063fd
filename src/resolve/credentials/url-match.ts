/**
 * Matching of a credential's key with an image name (the kubelet's `URLsMatch`). Globs apply to the host only, label by label;
 * the path is compared as a prefix.
 */
import { parseGoUrl } from '../../util/text/go-url.ts';
import { splitHostPort } from '../../util/text/host-port.ts';
import { type LabelGlob, parseLabelGlob } from './label-glob.ts';

/** Components of a key or an image name. */
interface Parts {
  readonly labels: readonly string[];
  /** Port, compared as a string: empty does not equal 443. */
  readonly port: string;
  readonly path: string;
}

/** Returns true if this image matches. `image` is compared unchanged, so a tag is part of its path. */
export type UrlPattern = (image: string) => boolean;

/** Parses a key without a scheme, such as `*.corp.example:5000/team`. Returns null if it is not a valid URL or pattern. */
export function parseUrlPattern(key: string): UrlPattern | null {
  const wanted = parse(key);
  if (!wanted) return null;
  const globs = wanted.labels.map(parseLabelGlob);
  if (!globs.every((glob): glob is LabelGlob => glob !== null)) return null;
  return (image) => {
    const target = parse(image);
    if (!target || target.port !== wanted.port || target.labels.length !== globs.length) return false;
    return (
      target.path.startsWith(wanted.path) && globs.every((glob, index) => glob(target.labels[index] ?? ''))
    );
  };
}

function parse(text: string): Parts | null {
  const url = parseGoUrl(`https://${text}`);
  if (!url) return null;
  const address = splitHostPort(url.host);
  const host = address.ok ? address.host : url.host;
  return { labels: host.split('.'), port: address.ok ? address.port : '', path: url.path };
}
