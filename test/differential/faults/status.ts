/** Faults that are a status: 404, 403, 429 and 5xx. */
import type { Answer } from '../../kit/fakes/scripted-registry.ts';
import { everywhere, onManifests, type Variant } from './variant.ts';

const page = '<!doctype html><html><head><title>Error</title></head><body><h1>Error</h1></body></html>';

export function ociError(status: number, code: string, headers: Answer['headers'] = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: { errors: [{ code, message: `${code.toLowerCase().replaceAll('_', ' ')} here` }] },
  };
}

function html(status: number): Answer {
  return { status, headers: { 'content-type': 'text/html' }, body: page };
}

export const onlyToHead = onManifests('only to HEAD', (request, place, question) =>
  request.method === 'HEAD' ? { status: 404 } : place.healthy(question),
);

export const notFound: readonly Variant[] = [
  onManifests('OCI error', () => ociError(404, 'MANIFEST_UNKNOWN')),
  onManifests('empty body', () => ({ status: 404 })),
  onManifests('plain text', () => ({
    status: 404,
    headers: { 'content-type': 'text/plain' },
    body: '404 page not found\n',
  })),
  everywhere('unknown name, blobs too', (_request, place, question) =>
    question.kind === 'ping' ? place.healthy(question) : ociError(404, 'NAME_UNKNOWN'),
  ),
  everywhere('HTML, no registry at all', () => html(404)),
  onlyToHead,
];

export const forbidden: readonly Variant[] = [
  onManifests('OCI error', () => ociError(403, 'DENIED')),
  onManifests('HTML', () => html(403)),
  onManifests('empty body', () => ({ status: 403 })),
  everywhere('whole server', () => html(403)),
  onManifests('message only to GET', (request) =>
    request.method === 'HEAD' ? { status: 403 } : ociError(403, 'DENIED'),
  ),
];

const tooMany = (retryAfter?: string): Answer =>
  ociError(429, 'TOOMANYREQUESTS', retryAfter === undefined ? {} : { 'retry-after': retryAfter });

export const rateLimited: readonly Variant[] = [
  onManifests('Retry-After: 0', () => tooMany('0')),
  onManifests('Retry-After: 1', () => tooMany('1')),
  onManifests('Retry-After: 60', () => tooMany('60')),
  onManifests('Retry-After: soon', () => tooMany('soon')),
  onManifests('no Retry-After', () => tooMany()),
  everywhere('whole server, Retry-After: 0', () => tooMany('0')),
];

export const serverError: readonly Variant[] = [
  onManifests('500, OCI error', () => ociError(500, 'UNKNOWN')),
  onManifests('502, HTML', () => html(502)),
  onManifests('503, Retry-After: 1', () => ociError(503, 'UNAVAILABLE', { 'retry-after': '1' })),
  onManifests('504, empty body', () => ({ status: 504 })),
  everywhere('503, whole server', () => html(503)),
  everywhere('500, whole server', () => ociError(500, 'UNKNOWN')),
];
