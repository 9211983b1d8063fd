/**
 * Report about an image: combines the results of its parts into one result and a message that continues after the image's
 * name.
 */
import { clean, cut } from '../../util/text/text.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { Attempt } from '../inspection/inspection.ts';
import { formatAll } from '../platform/format.ts';
import type { Platform } from '../platform/platform.ts';
import { type Digest, shortDigest } from '../reference/digest.ts';
import type { Warning } from '../warning.ts';
import type { Part, PartsReport } from './part.ts';
import type { Checked } from './parts-check.ts';

const maxWords = 1_200;

/** Builds the report. `root` is the digest of the manifest that the image's tag means. */
export function partsReport(
  checked: Checked,
  root: Digest,
  warnings: readonly Warning[],
  attempts: readonly Attempt[],
): PartsReport {
  const { parts, flaws, leftOut, elsewhere } = checked;
  const missing = parts.filter(({ result }) => result === 'not-found');
  const denied = parts.filter(({ result }) => result === 'denied');
  const unknown = parts.filter(
    ({ result }) => result !== 'available' && result !== 'not-found' && result !== 'denied',
  );
  const isWhole = leftOut === 0 || unknown.length > 0;
  return {
    ...verdict({ flaws, missing, denied, unknown, total: parts.length, root }),
    parts,
    missing: missing.length,
    unknown: unknown.length,
    missingPlatforms: missing.filter((part) => isChild(part, root)).flatMap(platformOf),
    warnings: [
      ...warnings,
      ...elsewhereWarnings(elsewhere, parts),
      ...(isWhole ? [] : [leftOutWarning(leftOut)]),
    ],
    attempts,
  };
}

interface Sorted extends Pick<Checked, 'flaws'> {
  readonly missing: readonly Part[];
  readonly denied: readonly Part[];
  readonly unknown: readonly Part[];
  readonly total: number;
  readonly root: Digest;
}

type Verdict = Pick<PartsReport, 'result' | 'reason' | 'message'>;

/** Returns the result. Certain problems take precedence over unknown parts. */
function verdict({ flaws, missing, denied, unknown, total, root }: Sorted): Verdict {
  const [flaw] = flaws;
  if (flaw) return { result: 'invalid', reason: flaw.reason, message: flawWords[flaw.reason] };
  const mainPart = missing.find((part) => !isChild(part, root)) ?? missing.at(0);
  if (mainPart) return missingVerdict(mainPart, missing.length - 1, isChild(mainPart, root));
  const [refused] = denied;
  if (refused) {
    const message = `cannot be pulled whole: its ${nameOf(refused)} needs credentials that Pratique was not given: ${refused.message}. Check the pull secrets.`;
    return { result: 'denied', reason: refused.reason, message: cut(message, maxWords) };
  }
  if (unknown.length > 0) return unknownVerdict(unknown, total);
  return { result: 'available', reason: null, message: '' };
}

const flawWords: Readonly<Record<Checked['flaws'][number]['reason'], string>> = {
  TooManyLayers: 'has more than 127 layers, which no node can mount (overlayfs). Squash its layers.',
  Malformed: 'has a layer without a valid digest or size, which no node can pull. Push the image again.',
};

function missingVerdict(part: Part, others: number, isPlatform: boolean): Verdict {
  const more = others > 0 ? ` and ${others} more part${others === 1 ? '' : 's'}` : '';
  const summary = `is incomplete, its ${nameOf(part)}${more} ${others > 0 ? 'are' : 'is'} missing`;
  const message = cut(`${summary}: ${part.message}. Push the image again.`, maxWords);
  return { result: isPlatform ? 'platform-missing' : 'not-found', reason: part.reason, message };
}

function unknownVerdict(unknown: readonly Part[], total: number): Verdict {
  const queried = unknown.find(({ via }) => via !== null);
  const count = `${unknown.length} of ${total} parts not checked`;
  const first = queried ?? unknown[0];
  const detail = first && queried ? `its ${nameOf(first)}: ${first.message}` : (first?.message ?? '');
  const message = `could not be checked whole, ${count}: ${detail}. Try again, and see to the endpoints that failed.`;
  return { result: 'unavailable', reason: first?.reason ?? null, message: cut(message, maxWords) };
}

/** Formats a part: `layer sha256:…`, `manifest sha256:… of linux/arm64`. */
function nameOf({ kind, digest, platform }: Part): string {
  const of = kind === 'manifest' && platform ? ` of ${clean(formatAll(platform), 64)}` : '';
  return `${kind} ${digest}${of}`;
}

function isChild({ kind, digest }: Part, root: Digest): boolean {
  return kind === 'manifest' && digest !== root;
}

function platformOf({ platform }: Part): readonly Platform[] {
  return platform ? [platform] : [];
}

/**
 * Warns about endpoints that lack some parts. An endpoint that has no part of the image is left out, because nodes skip it
 * from the beginning.
 */
function elsewhereWarnings(elsewhere: Checked['elsewhere'], parts: readonly Part[]): readonly Warning[] {
  const serving = new Set(parts.map(({ endpoint }) => endpoint));
  return [...elsewhere]
    .filter(([{ url }]) => serving.has(url))
    .map(([endpoint, lacked]) => lackWarning(endpoint, lacked));
}

function lackWarning({ role, url }: Endpoint, lacked: readonly Part[]): Warning {
  const [first] = lacked;
  const named = first ? `${first.kind} ${shortDigest(first.digest)}` : '';
  const more = lacked.length > 1 ? `, +${lacked.length - 1}` : '';
  const from = [...new Set(lacked.map(({ endpoint }) => endpoint))].join(', ');
  const count = `${lacked.length} part${lacked.length === 1 ? '' : 's'}`;
  const message = `${role} ${url} lacks ${count} of it (${named}${more}); nodes take ${lacked.length === 1 ? 'it' : 'them'} from ${from}`;
  return { code: 'PartElsewhere', message, source: null };
}

function leftOutWarning(count: number): Warning {
  const message = `${count} platform${count === 1 ? ' was' : 's were'} not checked, as the image has more than 8; name those that matter (--platform)`;
  return { code: 'PlatformsNotChecked', message, source: null };
}
