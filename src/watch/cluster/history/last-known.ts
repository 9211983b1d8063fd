/**
 * Last known inspection of an image, for registry outages. It comes from the ImageInspections of the
 * namespace, and is stale and therefore never used for a new pin.
 */
import type { Inspection } from '../../../resolve/inspection/inspection.ts';
import type { InspectionObserver } from '../../../resolve/inspection/observer.ts';
import { staleInspection } from '../../../resolve/inspection/outcome/build-inspection.ts';
import type { Digest } from '../../../resolve/reference/digest.ts';
import { canonical } from '../../../resolve/reference/format.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';
import { type RestoredImage, restoreImage } from './restored-image.ts';
import type { IndexedInspection, InspectionIndex } from './inspection-index.ts';

export interface LastKnownOptions {
  readonly inspectionIndex: Pick<InspectionIndex, 'forRepository'>;
  /** Value of `cache.maxStale` in milliseconds; 0 disables it. */
  readonly maxStaleMs: number;
  readonly observer: Pick<InspectionObserver, 'cache'>;
}

/** Workload that needs the image. */
export interface Requester {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Names in the workload's own imagePullSecrets. */
  readonly pullSecrets: readonly string[];
  /** Names of all pull secrets used, including those of its service account. */
  readonly pullSecretNames: readonly string[];
}

/**
 * Returns the last known inspection; null if no result is recent enough. `current` is the failed inspection.
 */
export function lastKnown(
  { inspectionIndex, maxStaleMs, observer }: LastKnownOptions,
  requester: Requester,
  reference: Reference,
  current: Inspection,
): Inspection | null {
  let best: Inspection | null = null;
  for (const indexed of inspectionIndex.forRepository(requester.namespace, reference)) {
    const restored = restoreImage(indexed.object);
    if (!restored || current.inspectedAt - restored.inspectedAt > maxStaleMs || maxStaleMs === 0) continue;
    if (!restored.credentials.some((set) => hasSameCredentials(set, requester))) continue;
    const inspection = restoreFor(restored, indexed, reference);
    if (inspection && isBetter(inspection, best)) best = inspection;
  }
  if (!best) return null;
  observer.cache('stale');
  return staleInspection(best, current);
}

/** Restores the inspection from one object; null if the object concerns another image. */
function restoreFor(
  restored: RestoredImage,
  indexed: IndexedInspection,
  reference: Reference,
): Inspection | null {
  if (reference.digest === null) {
    return canonical(indexed.reference) === canonical(reference)
      ? availableInspection(restored, reference)
      : null;
  }
  if (restored.digest === reference.digest) return availableInspection(restored, reference);
  const pins = indexed.object.status?.pins ?? [];
  return pins.some(({ digest }) => digest === reference.digest)
    ? pinnedInspection(restored, reference.digest)
    : null;
}

function availableInspection(restored: RestoredImage, reference: Reference): Inspection {
  const { namespace: _namespace, credentials: _credentials, ...found } = restored;
  const unknown = { result: 'available', reason: null, rawPlatforms: [], attempts: [] } as const;
  return { ...unknown, ...found, reference, stale: false, warnings: [] };
}

/** Builds the inspection of an earlier pin, of which only the digest is known. */
function pinnedInspection(restored: RestoredImage, digest: Digest): Inspection {
  const message = 'of an earlier pin nothing but the digest is remembered';
  return {
    ...availableInspection(restored, { domain: '', path: '', tag: null, digest }),
    // The kind is a placeholder: the judge concludes nothing while the platforms are unknown.
    kind: 'image',
    digest,
    mediaType: null,
    size: null,
    platforms: [],
    platformsComplete: false,
    message: `existed as ${digest}`,
    warnings: [{ code: 'PlatformUnknown', message, source: null }],
  };
}

/** Prefers complete platforms, then the later inspection, because several objects may have the image. */
function isBetter(one: Inspection, other: Inspection | null): boolean {
  if (!other) return true;
  if (one.platformsComplete !== other.platformsComplete) return one.platformsComplete;
  return one.inspectedAt > other.inspectedAt;
}

/**
 * Returns true if `requester` has the credentials of `set`: a result is reused only for the same pull secret
 * names.
 */
function hasSameCredentials(set: RestoredImage['credentials'][number], requester: Requester): boolean {
  if (requester.pullSecretNames.length > 0 && areEqualSets(set.pullSecrets, requester.pullSecretNames))
    return true;
  if (!areEqualSets(set.pullSecrets, requester.pullSecrets)) return false;
  return requester.pullSecrets.length > 0 || set.serviceAccount === requester.serviceAccount;
}

function areEqualSets(some: readonly string[], others: readonly string[]): boolean {
  const [one, other] = [new Set(some), new Set(others)];
  return one.size === other.size && [...one].every((name) => other.has(name));
}
