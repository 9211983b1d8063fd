/** Faults of the content: not what its digest says, or no manifest at all. */
import { createHash } from 'node:crypto';
import { sha256 } from '../../kit/registries/images.ts';
import type { Answer } from '../../kit/fakes/scripted-registry.ts';
import { everywhere, onManifests, type Place, type Variant } from './variant.ts';

/** Concerns what the tag or digest stands for; the manifests in an index are right. */
function onRoot(name: string, script: (place: Place) => Answer): Variant {
  return onManifests(name, (_request, place, question) =>
    place.image.children.some(({ digest }) => digest === question.key)
      ? place.healthy(question)
      : script(place),
  );
}

const other = sha256(Buffer.from('another image'));

function declaring({ image: { root } }: Place, digest: string, body: Buffer = root.body): Answer {
  return { headers: { 'content-type': root.mediaType, 'docker-content-digest': digest }, body };
}

/** Still a manifest of the same kind, but other bytes. */
function altered({ image: { root } }: Place): Buffer {
  return Buffer.concat([root.body, Buffer.from('\n')]);
}

/** No digest at all, so that it contradicts nothing. */
export const malformedHeader: readonly Variant[] = [
  onRoot('malformed header', (place) => declaring(place, 'sha256:beef')),
  onRoot('header in upper case', (place) =>
    declaring(place, place.image.root.digest.toUpperCase().replace('SHA256', 'sha256')),
  ),
];

export const wrongDigest: readonly Variant[] = [
  onRoot('header of another image', (place) => declaring(place, other)),
  onRoot('body of another image', (place) => declaring(place, place.image.root.digest, altered(place))),
  onRoot('sha512 of something else', (place) =>
    declaring(place, `sha512:${createHash('sha512').update('another image').digest('hex')}`),
  ),
  ...malformedHeader,
];

const page = Buffer.from(
  '<!doctype html><html><head><title>Welcome</title></head><body>Please log in</body></html>',
);

function html(type: string, headers: Answer['headers'] = {}): Answer {
  return { headers: { 'content-type': type, ...headers }, body: page };
}

export const htmlPage: readonly Variant[] = [
  everywhere('every URL', () => html('text/html')),
  onRoot('manifests', () => html('text/html; charset=utf-8')),
  onRoot('declared as a manifest', ({ image }) => html(image.root.mediaType)),
  onRoot('with its own digest', () => html('text/html', { 'docker-content-digest': sha256(page) })),
  everywhere('all but the ping, chunked', (_request, place, question) =>
    question.kind === 'ping'
      ? place.healthy(question)
      : html('text/html', { 'transfer-encoding': 'chunked' }),
  ),
];
