/** What the ImageInspections of a namespace still know of an image about which nobody answers now: stale, and so never the ground for a new pin. */
import type { Inspection } from '../../../resolve/inspection/inspection.ts';
import type { InspectionObserver } from '../../../resolve/inspection/observer.ts';
import { stale } from '../../../resolve/inspection/outcome/build-inspection.ts';
import type { Digest } from '../../../resolve/reference/digest.ts';
import { canonical } from '../../../resolve/reference/format.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';
import { type Restored, restoredFrom } from './restored-image.ts';
import type { Remembered, RememberedImages } from './remembered-images.ts';

export interface RecallOptions {
  readonly images: Pick<RememberedImages, 'ofRepository'>;
  /** `cache.maxStale`, milliseconds; 0: never. */
  readonly maxStaleMs: number;
  readonly observer: Pick<InspectionObserver, 'cache'>;
}

/** Who wants to know. */
export interface Asking {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** The workload's own, as it names them. */
  readonly pullSecrets: readonly string[];
  /** Those that count, its service account's included. */
  readonly names: readonly string[];
}

/** `now`: the answer that is none. */
export function recalled(
  { images, maxStaleMs, observer }: RecallOptions,
  asking: Asking,
  reference: Reference,
  now: Inspection,
): Inspection | null {
  let best: Inspection | null = null;
  for (const remembered of images.ofRepository(asking.namespace, reference)) {
    const known = restoredFrom(remembered.image);
    if (!known || now.inspectedAt - known.inspectedAt > maxStaleMs || maxStaleMs === 0) continue;
    if (!known.credentials.some((set) => isSame(set, asking))) continue;
    const inspection = inspectionFrom(known, remembered, reference);
    if (inspection && isBetter(inspection, best)) best = inspection;
  }
  if (!best) return null;
  observer.cache('stale');
  return stale(best, now);
}

/** null: it is about another image. */
function inspectionFrom(known: Restored, remembered: Remembered, reference: Reference): Inspection | null {
  if (reference.digest === null) {
    return canonical(remembered.reference) === canonical(reference) ? available(known, reference) : null;
  }
  if (known.digest === reference.digest) return available(known, reference);
  const pins = remembered.image.status?.pins ?? [];
  return pins.some(({ digest }) => digest === reference.digest) ? pinned(known, reference.digest) : null;
}

function available(known: Restored, reference: Reference): Inspection {
  const { namespace: _namespace, credentials: _credentials, ...found } = known;
  const unknown = { result: 'available', reason: null, rawPlatforms: [], attempts: [] } as const;
  return { ...unknown, ...found, reference, stale: false, warnings: [] };
}

/** Pods were pinned to it when it was there; more is not remembered. */
function pinned(known: Restored, digest: Digest): Inspection {
  const message = 'of an earlier pin nothing but the digest is remembered';
  return {
    ...available(known, { domain: '', path: '', tag: null, digest }),
    // Of an image nothing is concluded where its platforms are not known.
    kind: 'image',
    digest,
    mediaType: null,
    size: null,
    platforms: [],
    platformsComplete: false,
    message: `was there as ${digest}`,
    warnings: [{ code: 'PlatformUnknown', message, source: null }],
  };
}

/** Several objects may know it: the one that knows more, then the latest. */
function isBetter(one: Inspection, other: Inspection | null): boolean {
  if (!other) return true;
  if (one.platformsComplete !== other.platformsComplete) return one.platformsComplete;
  return one.inspectedAt > other.inspectedAt;
}

/** Nobody hears what was told to others: it takes the same secrets by their names. */
function isSame(set: Restored['credentials'][number], asking: Asking): boolean {
  if (asking.names.length > 0 && haveSame(set.pullSecrets, asking.names)) return true;
  if (!haveSame(set.pullSecrets, asking.pullSecrets)) return false;
  return asking.pullSecrets.length > 0 || set.serviceAccount === asking.serviceAccount;
}

function haveSame(some: readonly string[], others: readonly string[]): boolean {
  const [one, other] = [new Set(some), new Set(others)];
  return one.size === other.size && [...one].every((name) => other.has(name));
}
