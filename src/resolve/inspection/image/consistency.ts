/** Do all endpoints that serve a tag serve the same image? Only known when all were asked. */
import type { Endpoint } from '../../endpoints/endpoint.ts';
import type { Warning } from '../../warning.ts';
import type { ResolvedImage } from './resolved-image.ts';
import { foundWords } from '../outcome/message.ts';

/** An image as one endpoint serves it. */
export interface ImageAtEndpoint {
  readonly endpoint: Endpoint;
  readonly found: ResolvedImage;
}

/** A warning when digests differ. Equal digests have equal platforms. */
export function inconsistency(sightings: readonly ImageAtEndpoint[]): readonly Warning[] {
  const digests = new Set(sightings.map(({ found }) => found.digest));
  if (digests.size <= 1) return [];
  const each = sightings.map(
    ({ endpoint, found }) => `${endpoint.role} ${endpoint.url} has ${foundWords(found)}`,
  );
  const message = `the endpoints differ: ${each.join('; ')}`;
  return [{ code: 'MirrorsInconsistent', message, source: null }];
}
