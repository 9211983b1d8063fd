/** Faults of redirects: where they lead, and how badly they are written. */
import type { Answer } from '../../kit/fakes/scripted-registry.ts';
import { onManifests, type Variant } from './variant.ts';

function to(location: string, status: number): Answer {
  return { status, headers: { location } };
}

export const redirects: readonly Variant[] = [
  onManifests('307 to another server that has it', ({ url }, { elsewhere }) => to(elsewhere + url, 307)),
  onManifests('301 to another server that has it', ({ url }, { elsewhere }) => to(elsewhere + url, 301)),
  onManifests('302 to another server without it', (_request, { elsewhere }) =>
    to(`${elsewhere}/v2/nowhere/manifests/sha256:${'0'.repeat(64)}`, 302),
  ),
  onManifests('302 without Location', () => ({ status: 302 })),
  onManifests('307 to itself', ({ url }) => to(url, 307)),
  onManifests('308 to what is not a URL', () => to('http://[::bad', 308)),
];
