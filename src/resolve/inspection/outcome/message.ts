/** The words of inspections: what was found, or every endpoint tried and what to do. One line that goes on after the image's name, bounded, the same on every surface. */
import { clean, cut } from '../../../util/text/text.ts';
import type { Endpoint } from '../../endpoints/endpoint.ts';
import { formatAll } from '../../platform/format.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Digest } from '../../reference/digest.ts';
import { nameOf } from '../../reference/format.ts';
import type { Reference } from '../../reference/reference.ts';
import type { Overall } from './classify.ts';
import type { ResolvedImage } from '../image/resolved-image.ts';
import type { Attempt } from '../inspection.ts';

const maxMessage = 1_500;
const maxAttempt = 320;
const maxPlatforms = 5;

/** What one endpoint said, under its own name: `mirror https://mirror.corp:5000/v2 answered 404`. */
export function attemptWords({ role, endpoint, repository, message }: Attempt): string {
  return clean(
    `${role} ${endpoint}${withoutUrl(message, `${endpoint}/${repository}/manifests/`)}`,
    maxAttempt,
  );
}

/** The manifest's own URL only repeats the endpoint and the image; the URL of a token server or a blob does not. */
function withoutUrl(message: string, manifests: string): string {
  for (const method of ['GET', 'HEAD']) {
    if (!message.startsWith(`${method} ${manifests}`)) continue;
    return message.slice(`${method} ${manifests}`.length).replace(/^[^\s:]*(?::[0-9a-f]+)?/, '');
  }
  return message.startsWith('not asked') ? ` ${message}` : `: ${message}`;
}

/** `sha256:… (linux/amd64, linux/arm64)` */
export function foundWords({ digest, kind, platforms }: ResolvedImage): string {
  const what = platforms.length === 0 && kind === 'artifact' ? 'artifact' : platformWords(platforms);
  return `${digest} (${what})`;
}

/** At most five platforms, then how many more. */
export function platformWords(platforms: readonly Platform[]): string {
  if (platforms.length === 0) return 'no platform known';
  const shown = platforms.slice(0, maxPlatforms).map((platform) => clean(formatAll(platform), 64));
  const more = platforms.length - shown.length;
  return shown.join(', ') + (more > 0 ? `, +${more}` : '');
}

/** `before`: what the tag meant when it was last asked. */
export function availableWords(
  reference: Reference,
  found: ResolvedImage,
  { role, url }: Endpoint,
  before: Digest | null,
): string {
  const message = `is ${foundWords(found)} at ${role} ${url}`;
  if (before === null || reference.digest !== null) return message;
  return `${message}; ${before === found.digest ? 'up to date' : `changed, it was ${before}`}`;
}

/** `part`: what is missing of an image whose manifest was found. */
export function failureWords(
  reference: Reference,
  all: Overall,
  attempts: readonly Attempt[],
  part: string | null,
): string {
  const [head, advice] = words(reference, all, part);
  const tried = attempts.map(attemptWords).join('; ');
  return `${cut(tried === '' ? head : `${head}: ${tried}`, maxMessage)}. ${advice}`;
}

type Words = readonly [head: string, advice: string];

function words(reference: Reference, { result, reason }: Overall, part: string | null): Words {
  switch (result) {
    case 'not-found':
      if (reason !== null) return nowhereWords(reference, reason);
      if (part !== null) return [`is incomplete, its ${part} is missing`, 'Push the image again.'];
      return [
        'does not exist',
        `Check the ${reference.digest === null ? 'tag' : 'digest'}, or push the image.`,
      ];
    case 'denied':
      return [
        'does not exist, or needs credentials that Pratique was not given',
        'Check the name and the pull secrets.',
      ];
    case 'unavailable':
      return unavailableWords(part, reason);
    default:
      return result satisfies never;
  }
}

function nowhereWords(reference: Reference, reason: string): Words {
  if (reason === 'Blocked')
    return ['is blocked', 'Take it from a registry that is allowed, or allow this one.'];
  // The names that moby and containerd have for it.
  const why = `no endpoints found for ${nameOf(reference)}, no pull hosts`;
  return [`cannot be pulled (${why})`, "Check the nodes' mirror configuration."];
}

function unavailableWords(part: string | null, reason: string | null): Words {
  if (reason === 'NodeLocalOnly') {
    return ['cannot be checked from here', 'Only the nodes themselves can ask these endpoints.'];
  }
  if (reason === 'Timeout') {
    return ['could not be checked in time', 'It goes on in the background; try again shortly.'];
  }
  const identity = 'Give Pratique the identity of the nodes: credentials.execProviders, or a pull secret.';
  const advice = reason === 'NodeCredentials' ? identity : 'Try again, and see to the endpoints that failed.';
  return [`could not be checked${part === null ? '' : `, as its ${part} could not be read`}`, advice];
}

/** An answer from before, while nothing can be asked. `ageMs` is its age. */
export function staleWords(before: string, ageMs: number, now: string): string {
  return cut(`${before}; that was ${age(ageMs)} ago, now: ${now}`, 2 * maxMessage);
}

function age(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}
