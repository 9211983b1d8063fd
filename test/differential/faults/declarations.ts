/** Responses that are right but for what they declare: media types, answers to HEAD, and token answers. */
import type { Answer } from '../../kit/fakes/scripted-registry.ts';
import { challenge } from './authentication.ts';
import { ociError } from './status.ts';
import { everywhere, onManifests, type Place, type Variant } from './variant.ts';

const docker = 'application/vnd.docker.distribution.manifest';
const oci = 'application/vnd.oci.image';
const swapped: Readonly<Record<string, string>> = {
  [`${docker}.v2+json`]: `${oci}.manifest.v1+json`,
  [`${oci}.manifest.v1+json`]: `${docker}.v2+json`,
  [`${docker}.list.v2+json`]: `${oci}.index.v1+json`,
  [`${oci}.index.v1+json`]: `${docker}.list.v2+json`,
};

function declared(place: Place, type: string | null): Answer {
  const { root } = place.image;
  const headers = { 'docker-content-digest': root.digest, ...(type !== null && { 'content-type': type }) };
  return { headers, body: root.body };
}

/** Concerns what the tag or digest stands for; the manifests in an index are right. */
function typed(name: string, type: (place: Place) => string | null): Variant {
  return onManifests(name, (_request, place, question) =>
    place.image.children.some(({ digest }) => digest === question.key)
      ? place.healthy(question)
      : declared(place, type(place)),
  );
}

export const swappedTypes = typed(
  'docker and OCI swapped',
  ({ image }) => swapped[image.root.mediaType] ?? null,
);

export const mediaTypes: readonly Variant[] = [
  typed('application/json', () => 'application/json'),
  typed('text/plain', () => 'text/plain; charset=utf-8'),
  typed('application/octet-stream', () => 'application/octet-stream'),
  typed('none', () => null),
  swappedTypes,
];

/** The token is right, and the answer around it is what Go decodes or not. */
function tokenAnswer(name: string, members: object): Variant {
  return everywhere(name, (request, place, question) => {
    if (question.kind === 'token') return { body: { token: 'good', ...members } };
    return request.headers.authorization === 'Bearer good'
      ? place.healthy(question)
      : challenge(question, place);
  });
}

/** Every program decodes this one. */
export const plainToken = tokenAnswer('null', { expires_in: null, issued_at: null });

export const tokenAnswers: readonly Variant[] = [
  tokenAnswer('expires_in as text', { expires_in: '3600' }),
  tokenAnswer('expires_in 300.5', { expires_in: 300.5 }),
  tokenAnswer('issued_at as a number', { issued_at: 1_700_000_000 }),
  tokenAnswer('issued_at empty', { issued_at: '' }),
  tokenAnswer('issued_at without a zone', { issued_at: '2026-01-01T00:00:00' }),
  plainToken,
];

export const headAnswers: readonly Variant[] = [
  onManifests('HEAD 405', (request, place, question) =>
    request.method === 'HEAD' ? ociError(405, 'UNSUPPORTED') : place.healthy(question),
  ),
  onManifests('HEAD 403', (request, place, question) =>
    request.method === 'HEAD' ? { status: 403 } : place.healthy(question),
  ),
  onManifests('no digest to HEAD', (request, place, question) => {
    const answer = place.healthy(question);
    const { 'docker-content-digest': _, ...headers } = answer.headers ?? {};
    return request.method === 'HEAD' ? { ...answer, headers } : answer;
  }),
  onManifests('no length to HEAD', (request, place, question) => {
    const answer = place.healthy(question);
    return request.method === 'HEAD'
      ? { ...answer, headers: { ...answer.headers, 'transfer-encoding': 'chunked' } }
      : answer;
  }),
];

/** The tag is served, and its digest is not. */
export const tagOnly: readonly Variant[] = [
  onManifests('the tag alone', (_request, place, question) =>
    question.key.startsWith('sha256:') ? ociError(404, 'MANIFEST_UNKNOWN') : place.healthy(question),
  ),
];
