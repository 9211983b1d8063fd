/** Verdicts as text within Kubernetes' limits: the message of a denial and the warnings of an answer. */
import { clean, cutBytes } from '../../util/text/text.ts';
import type { Policy } from '../policy/schema.ts';
import type { ImageVerdict } from '../results.ts';
import type { ImageUse, UseKind } from '../workload/image-use.ts';

/** Bytes of a denial. */
const maxMessage = 4096;
/** Below this a line says nothing: rather name fewer images. */
const minLine = 200;
/** Characters; the API server cuts what is longer, and drops all warnings after the total. */
const maxWarning = 256;
const maxWarnings = 4096;
/** Characters of an image. */
const maxImage = 512;
/** Characters of an image in a warning: the reason needs the rest. */
const maxImageInWarning = 100;

/** Names every denied image, each with a fair share of the room; '' when none is denied. */
export function formatDenial(verdicts: readonly ImageVerdict[]): string {
  const lines = verdicts.filter(({ decision }) => decision === 'deny').map((verdict) => lineOf(verdict));
  if (lines.length <= 1) return cutBytes(lines.join(''), maxMessage);
  const head = `${lines.length} images are refused:`;
  const room = maxMessage - head.length - '\n- and 256 more'.length;
  const share = Math.max(minLine, Math.floor(room / lines.length));
  const shown = lines.slice(0, Math.floor(room / share)).map((line) => `\n- ${cutBytes(line, share - 3)}`);
  const more = lines.length - shown.length;
  return head + shown.join('') + (more > 0 ? `\n- and ${more} more` : '');
}

/** What a person should hear of images that are not denied. `around`: of what is around them. */
export function warningsOf(
  verdicts: readonly ImageVerdict[],
  around: readonly string[] = [],
): readonly string[] {
  const warned = verdicts.filter(({ decision }) => decision === 'warn');
  return limited([
    ...warned.map((verdict) => lineOf(verdict, briefly(verdict.use.image))),
    ...verdicts.flatMap(notesOf),
    ...aside(verdicts, around),
  ]);
}

/** Only why images were not pinned or not checked: the mutating pass leaves the verdicts to the validating one. */
export function notesAsWarnings(
  verdicts: readonly ImageVerdict[],
  around: readonly string[] = [],
): readonly string[] {
  return limited([...verdicts.flatMap(notesOf), ...aside(verdicts, around)]);
}

/** Where some image is spoken about. */
function aside(verdicts: readonly ImageVerdict[], around: readonly string[]): readonly string[] {
  return verdicts.some(({ policy }) => isSpoken(policy)) ? around : [];
}

/** Everything found wanting, whatever it led to: for the audit log. '' when all is well. */
export function findingsOf(verdicts: readonly ImageVerdict[]): string {
  const wanting = verdicts.filter(({ message }) => message !== '');
  return cutBytes(wanting.map((verdict) => lineOf(verdict)).join('\n'), maxMessage);
}

function lineOf(verdict: ImageVerdict, image = clean(verdict.use.image, maxImage)): string {
  const { use, result, reason, where, message } = verdict;
  const detail = [result, clean(reason ?? '', 64), where].filter((part) => part !== '').join(', ');
  return `${placeOf(use)}, image "${image}" (${detail}): ${clean(message, maxMessage)}`;
}

/** `audit` and `off` are silent. */
function isSpoken({ mode }: Policy): boolean {
  return mode === 'enforce' || mode === 'warn';
}

function notesOf({ use, policy, notes }: ImageVerdict): readonly string[] {
  if (!isSpoken(policy)) return [];
  return notes.map((note) => `${placeOf(use)}, image "${briefly(use.image)}" ${note}`);
}

/** Twelve hexadecimal digits tell a digest from others. */
function briefly(image: string): string {
  const short = image.length > maxImage ? image : image.replace(/(@sha\d+:[0-9a-f]{12})[0-9a-f]+$/, '$1…');
  return clean(short, maxImageInWarning);
}

const kinds: Readonly<Record<UseKind, string>> = {
  container: 'container',
  init: 'init container',
  ephemeral: 'ephemeral container',
  volume: 'volume',
};

function placeOf({ kind, container }: ImageUse): string {
  const name = kind === 'volume' ? container.slice('volume:'.length) : container;
  return `${kinds[kind]} "${clean(name, 63)}"`;
}

/** Each short enough, as many as fit in all. */
function limited(warnings: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let room = maxWarnings;
  for (const warning of warnings.map((text) => clean(text, maxWarning))) {
    room -= warning.length;
    if (room < 0) break;
    kept.push(warning);
  }
  return kept;
}
