/**
 * Formatter of verdicts within Kubernetes' limits: the message of a denial, the warnings of an answer, the
 * audit annotation.
 */
import { clean, cleanQuoted, cut, cutBytes } from '../../util/text/text.ts';
import { isActive } from '../policy/decide.ts';
import type { ImageVerdict } from '../results.ts';
import type { ImageUse, UseKind } from '../workload/image-use.ts';
import { headlineOf } from './reasons.ts';

/** Limit of a denial, in bytes. */
const maxMessage = 4096;
/**
 * Shortest part for one image, in bytes. A shorter part would say nothing, so fewer images are named instead.
 */
const minPart = 200;
/** Limit of a warning, in characters; the API server cuts longer ones. */
const maxWarning = 256;
/** Limit of all warnings, in characters; the API server drops those beyond. */
const maxWarnings = 4096;
/** Limits of an image's name, in characters: in a denial, and in a warning that has room for it. */
const maxImage = 512;
const maxImageInWarning = 100;
const minImageInWarning = 40;

/**
 * Formats a denial that names every denied image and gives each an equal share of the space; '' if none is
 * denied.
 */
export function formatDenial(verdicts: readonly ImageVerdict[]): string {
  const denied = mergeTooMany(verdicts.filter(({ decision }) => decision === 'deny'));
  const parts = denied.map(formatPart);
  if (parts.length <= 1) return cutBytes(parts.join(''), maxMessage);
  const head = `${parts.length} images are denied:`;
  const room = maxMessage - head.length - '\n- and 256 more'.length;
  const share = Math.max(minPart, Math.floor(room / parts.length));
  const shown = parts.slice(0, Math.floor(room / share)).map((part) => `\n- ${cutBytes(part, share - 3)}`);
  const more = parts.length - shown.length;
  return head + shown.join('') + (more > 0 ? `\n- and ${more} more` : '');
}

/** Returns the warnings about images that are not denied, followed by those of the pod's context. */
export function formatWarnings(
  verdicts: readonly ImageVerdict[],
  contextWarnings: readonly string[] = [],
): readonly string[] {
  const warned = mergeTooMany(verdicts.filter(({ decision }) => decision === 'warn'));
  return withinLimits([
    ...warned.map((verdict) =>
      formatWarning(verdict, `${detailOf(verdict)}: ${headlineOf(verdict.message)}`),
    ),
    ...formatNotes(verdicts, contextWarnings),
  ]);
}

/**
 * Returns only the reasons why images were not pinned or not checked: the mutating webhook leaves verdicts to
 * the validating one.
 */
export function formatNotes(
  verdicts: readonly ImageVerdict[],
  contextWarnings: readonly string[] = [],
): readonly string[] {
  const active = verdicts.filter(({ policy }) => isActive(policy));
  const notes = active.flatMap((verdict) => verdict.notes.map((note) => formatWarning(verdict, ` ${note}`)));
  return withinLimits([...notes, ...(active.length > 0 ? contextWarnings : [])]);
}

/** Formats every finding, whatever its decision, for the audit log; '' if there is none. */
export function formatFindings(verdicts: readonly ImageVerdict[]): string {
  const found = mergeTooMany(verdicts.filter(({ message }) => message !== ''));
  return cutBytes(found.map(formatPart).join('\n'), maxMessage);
}

/** Merges the verdicts of a pod with too many images, which are all the same, into one. */
function mergeTooMany(verdicts: readonly ImageVerdict[]): readonly ImageVerdict[] {
  const first = verdicts.find(({ reason }) => reason === 'TooManyImages');
  return verdicts.filter((verdict) => verdict.reason !== 'TooManyImages' || verdict === first);
}

/** Formats image, result and remedy, followed by each detail on its own line. */
function formatPart(verdict: ImageVerdict): string {
  const [headline = '', ...details] = verdict.message.split('\n').map((line) => clean(line, maxMessage));
  const image = cleanQuoted(verdict.use.image, maxImage);
  const head = `${formatUse(verdict.use)}, image "${image}"${detailOf(verdict)}: ${headline}`;
  return [head, ...details.map((detail) => `  ${detail}`)].join('\n');
}

/** Returns text such as ` (not-found)` or ` (invalid, Schema1, node group gpu)`. */
function detailOf({ result, reason, where }: ImageVerdict): string {
  return ` (${[result, clean(reason ?? '', 64), where].filter((part) => part !== '').join(', ')})`;
}

/**
 * Formats a warning and shortens the image's name to make room for the text, as far as the name stays
 * recognisable.
 */
function formatWarning({ use }: ImageVerdict, text: string): string {
  const [place, rest] = [formatUse(use), clean(text, maxWarning)];
  const room = maxWarning - place.length - rest.length - ', image "" '.length;
  const image = withShortDigest(use.image, Math.min(maxImageInWarning, Math.max(minImageInWarning, room)));
  return cut(`${place}, image "${image}" ${rest}`, maxWarning);
}

/** Shortens a digest to twelve hexadecimal digits, which are enough to distinguish digests. */
function withShortDigest(image: string, max: number): string {
  const short = image.length > maxImage ? image : image.replace(/(@sha\d+:[0-9a-f]{12})[0-9a-f]+$/, '$1…');
  return cleanQuoted(short, max);
}

const kindWords: Readonly<Record<UseKind, string>> = {
  container: 'container',
  init: 'init container',
  ephemeral: 'ephemeral container',
  volume: 'volume',
};

function formatUse({ kind, container }: ImageUse): string {
  const name = kind === 'volume' ? container.slice('volume:'.length) : container;
  return `${kindWords[kind]} "${cleanQuoted(name, 63)}"`;
}

/** Cuts each warning, and drops those beyond the limit for all. */
function withinLimits(warnings: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let room = maxWarnings;
  for (const warning of warnings.map((text) => clean(text, maxWarning))) {
    room -= warning.length;
    if (room < 0) break;
    kept.push(warning);
  }
  return kept;
}
