/** Do all endpoints that serve a tag serve the same image? Only known when all were asked. */
import type { Endpoint } from '../../endpoints/endpoint.ts';
import type { Warning } from '../../warning.ts';
import type { Found } from './resolved-image.ts';
import { foundWords } from '../outcome/message.ts';

/** An image as one endpoint serves it. */
export interface Sighting {
  readonly endpoint: Endpoint;
  readonly found: Found;
}

/** A warning when digests differ. Equal digests have equal platforms. */
export function inconsistency(sightings: readonly Sighting[]): readonly Warning[] {
  const digests = new Set(sightings.map(({ found }) => found.digest));
  if (digests.size <= 1) return [];
  const each = sightings.map(
    ({ endpoint, found }) => `${endpoint.role} ${endpoint.url} has ${foundWords(found)}`,
  );
  const message = `the endpoints differ: ${each.join('; ')}`;
  return [{ code: 'MirrorsInconsistent', message, source: null }];
}
