/** Output of the parts of an image: JSON for scripts, and a short summary for people. */
import type { Part, PartsReport } from '../../resolve/parts/part.ts';
import { formatAll } from '../../resolve/platform/format.ts';
import { shortDigest } from '../../resolve/reference/digest.ts';
import { roughSize } from '../../util/text/size.ts';
import { clean } from '../../util/text/text.ts';
import type { Output } from '../io.ts';
import { type Cell, table } from '../output/table.ts';

/** Returns the members `parts` and `partsMissing`, and no members if the parts were not checked. */
export function partsJson(report: PartsReport | null): object {
  return { parts: report?.parts.map(partJson) ?? [], partsMissing: report?.missing ?? 0 };
}

function partJson(part: Part): object {
  const { digest, kind, mediaType, size, platform, endpoint, result, reason, status, via, message } = part;
  return {
    digest,
    kind,
    mediaType: clean(mediaType),
    size,
    platform: platform && clean(formatAll(platform), 128),
    endpoint,
    result,
    reason,
    status,
    via,
    message: clean(message, 1024),
  };
}

// Limit of rows in the table, so that it fits into a terminal; JSON has all parts.
const maxRows = 12;

/**
 * Returns text such as `parts  11 of 12 found, 47.3 MiB: 9 at mirror.corp:5000, …`, and a table of the parts
 * that were not found.
 */
export function partsText({ parts, missing, unknown }: PartsReport, output: Output): string {
  const found = parts.filter(({ result }) => result === 'available');
  const bytes = found.reduce((sum, { size }) => sum + size, 0);
  const counts = [
    `${found.length} of ${parts.length} found, ${roughSize(bytes)}`,
    ...(missing > 0 ? [`${missing} missing`] : []),
    ...(unknown > 0 ? [`${unknown} not known`] : []),
  ];
  const lines = [`parts      ${counts.join('; ')}\n`, ...sources(found)];
  return lines.join('') + formatBadParts(parts, output);
}

/** Returns one line for each endpoint that has parts, because nodes download them there. */
function sources(found: readonly Part[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { endpoint } of found) if (endpoint) counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1);
  return [...counts].map(([endpoint, count]) => `           ${count} at ${clean(endpoint, 60)}\n`);
}

function formatBadParts(parts: readonly Part[], output: Output): string {
  const bad = parts.filter(({ result }) => result !== 'available');
  if (bad.length === 0) return '';
  const more =
    bad.length > maxRows ? `+${bad.length - maxRows} more parts (--output json has them all)\n` : '';
  return (
    table(['PART', 'DIGEST', 'SIZE', 'PLATFORM', 'RESULT'], bad.slice(0, maxRows).map(row), output) + more
  );
}

function row({ kind, digest, size, platform, result, reason }: Part): (string | Cell)[] {
  const text = reason === null ? result : `${result} (${reason})`;
  const tone = result === 'not-found' || result === 'denied' || result === 'malformed' ? 'bad' : 'doubt';
  return [kind, shortDigest(digest), roughSize(size), platform ? formatAll(platform) : '-', { text, tone }];
}
