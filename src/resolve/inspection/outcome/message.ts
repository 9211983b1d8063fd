/**
 * Messages of inspections, which continue after the image's name. They state the image found, or the failure and what to do,
 * followed by one line per endpoint tried. Their length is limited.
 */
import { clean, cut, listFirst } from '../../../util/text/text.ts';
import type { Endpoint } from '../../endpoints/endpoint.ts';
import { formatAll } from '../../platform/format.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Digest } from '../../reference/digest.ts';
import { nameOf } from '../../reference/format.ts';
import type { Reference } from '../../reference/reference.ts';
import type { FailedResult } from './classify.ts';
import type { ResolvedImage } from '../image/resolved-image.ts';
import type { Attempt } from '../inspection.ts';

const maxMessage = 1_500;
const maxAttempt = 320;
const maxPlatforms = 5;

/** Formats one attempt: `mirror https://mirror.corp:5000/v2 answered 404`. */
export function attemptWords({ role, endpoint, repository, message }: Attempt): string {
  return clean(
    `${role} ${endpoint}${withoutUrl(message, `${endpoint}/${repository}/manifests/`)}`,
    maxAttempt,
  );
}

/** Removes the manifest's URL, which repeats the endpoint and the image. It keeps the URL of a token server or a blob. */
function withoutUrl(message: string, manifests: string): string {
  for (const method of ['GET', 'HEAD']) {
    if (!message.startsWith(`${method} ${manifests}`)) continue;
    return message.slice(`${method} ${manifests}`.length).replace(/^[^\s:]*(?::[0-9a-f]+)?/, '');
  }
  return message.startsWith('not asked') ? ` ${message}` : `: ${message}`;
}

/** Formats a found image: `sha256:… (linux/amd64, linux/arm64)`. */
export function foundText({ digest, kind, platforms }: ResolvedImage): string {
  const what = platforms.length === 0 && kind === 'artifact' ? 'artifact' : platformWords(platforms);
  return `${digest} (${what})`;
}

/** Formats at most five platforms and the number of the others. */
export function platformWords(platforms: readonly Platform[]): string {
  if (platforms.length === 0) return 'no platform known';
  return listFirst(
    platforms.map((platform) => clean(formatAll(platform), 64)),
    maxPlatforms,
  );
}

/** Formats an available image. `earlierDigest` is the tag's digest at its last resolution, null if unknown. */
export function availableMessage(
  reference: Reference,
  image: ResolvedImage,
  { role, url }: Endpoint,
  earlierDigest: Digest | null,
): string {
  const message = `is ${foundText(image)} at ${role} ${url}`;
  if (earlierDigest === null || reference.digest !== null) return message;
  const change = earlierDigest === image.digest ? 'up to date' : `changed, it was ${earlierDigest}`;
  return `${message}; ${change}`;
}

/**
 * Formats a failure. `missingPart` names a part that no endpoint has although the image's manifest was found; null if there is
 * none.
 */
export function failureMessage(
  reference: Reference,
  result: FailedResult,
  attempts: readonly Attempt[],
  missingPart: string | null,
): string {
  const [head, advice] = headAndAdvice(reference, result, attempts, missingPart);
  // The line breaks appear as spaces where only one line is shown.
  const tried = attempts.map(attemptWords).join(';\n');
  return `${head}. ${advice}${tried === '' ? '' : `\n${cut(tried, maxMessage)}`}`;
}

type HeadAndAdvice = readonly [head: string, advice: string];

function headAndAdvice(
  reference: Reference,
  { result, reason }: FailedResult,
  attempts: readonly Attempt[],
  missingPart: string | null,
): HeadAndAdvice {
  switch (result) {
    case 'not-found':
      if (reason !== null) return noEndpoint(reference, reason);
      if (missingPart !== null)
        return [`is incomplete, its ${missingPart} is missing`, 'Push the image again.'];
      return [
        'does not exist',
        `Check the ${reference.digest === null ? 'tag' : 'digest'}, or push the image.`,
      ];
    case 'denied':
      return deniedWords(attempts);
    case 'unavailable':
      return unavailableWords(missingPart, reason);
    default:
      return result satisfies never;
  }
}

function deniedWords(attempts: readonly Attempt[]): HeadAndAdvice {
  const denials = attempts.filter(({ result }) => result === 'denied');
  if (denials.length > 0 && denials.every(({ reason }) => reason === 'HtmlPage')) {
    return ['is refused by a page of HTML', 'Check the firewall or proxy in front of the registry.'];
  }
  if (denials.some(({ message }) => message.includes('were sent and refused'))) {
    return [
      'does not exist, or the credentials that were sent have no access',
      'Check the name and the pull secrets.',
    ];
  }
  return [
    'does not exist, or needs credentials that Pratique was not given',
    'Check the name and the pull secrets.',
  ];
}

function noEndpoint(reference: Reference, reason: string): HeadAndAdvice {
  if (reason === 'Blocked') {
    return ['is blocked', 'Use an allowed registry, or allow this one.'];
  }
  // moby's and containerd's own error texts, for which users search.
  const why = `no endpoints found for ${nameOf(reference)}, no pull hosts`;
  return [`cannot be pulled (${why})`, "Check the nodes' mirror configuration."];
}

function unavailableWords(missingPart: string | null, reason: string | null): HeadAndAdvice {
  switch (reason) {
    case 'NodesRefuse':
      return [
        missingPart === null
          ? 'would not be pulled by the nodes'
          : `would not be pulled by the nodes, its ${missingPart} is missing where they ask for it`,
        'Repair the endpoint, or remove it from the mirror configuration of the nodes.',
      ];
    case 'NodeLocalOnly':
      return ['cannot be checked from here', 'Only the nodes themselves can reach these endpoints.'];
    case 'Timeout':
      return ['was not checked in time', 'The check continues in the background; retry shortly.'];
    case 'NodeCredentials':
      return [
        unreadable(missingPart),
        'Give Pratique the credentials of the nodes: credentials.execProviders, credentials.dockerConfig, or a pull secret.',
      ];
    case null:
    default:
      return [unreadable(missingPart), 'Retry, and repair the endpoints that failed.'];
  }
}

function unreadable(missingPart: string | null): string {
  return missingPart === null
    ? 'could not be checked'
    : `could not be checked, because its ${missingPart} could not be read`;
}

/** Formats an earlier inspection that is reused while no registry is reachable. `ageMs` is its age. */
export function staleMessage(earlier: string, ageMs: number, current: string): string {
  return cut(`${earlier}; that was ${age(ageMs)} ago, now: ${current}`, 2 * maxMessage);
}

function age(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}
