/** Inspections and attempts as a resolution returns them, of which a test states only the members that it is about. */
import type { Attempt, Inspection } from '../../../src/resolve/inspection/inspection.ts';
import { noImage } from '../../../src/resolve/inspection/outcome/build-inspection.ts';
import { parseReference } from '../../../src/resolve/reference/parse.ts';

/** An attempt at a configured mirror that serves nginx. */
export function attempt(detail: Partial<Attempt> = {}): Attempt {
  return {
    endpoint: 'https://mirror.corp:5000/v2',
    role: 'mirror',
    configured: true,
    repository: 'library/nginx',
    result: 'available',
    reason: null,
    status: 200,
    digest: null,
    platforms: null,
    message: '',
    requests: 1,
    tokenRequests: 0,
    durationMs: 1,
    ...detail,
  };
}

/** An inspection of nginx that found no image. */
export function inspection(detail: Partial<Inspection> = {}): Inspection {
  return {
    reference: parseReference('nginx:1.27'),
    result: 'not-found',
    reason: null,
    ...noImage,
    message: 'does not exist',
    warnings: [],
    attempts: [],
    inspectedAt: 0,
    ...detail,
  };
}
