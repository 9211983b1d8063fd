/**
 * Inspections that one judgement needs with one mirror list: known ones, requested ones, and at most 16 in
 * flight.
 */
import type { Inspection, Inspector, InspectRequest } from '../resolve/inspection/inspection.ts';
import { noImage } from '../resolve/inspection/outcome/build-inspection.ts';
import { nameOf } from '../resolve/reference/format.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import type { Deadline } from '../util/async/deadline.ts';
import { clean } from '../util/text/text.ts';
import type { PodContext } from './cluster-context.ts';
import { messages } from './messages/reasons.ts';

// Limit of inspections in flight. It is enough for any real pod, and a pod with 256 images must leave
// capacity for others.
const maxConcurrent = 16;

type BatchContext = Pick<PodContext, 'credentials' | 'lastKnown' | 'unreadableSecret' | 'absentSecrets'>;

export class InspectionBatch {
  readonly #inspector: Inspector;
  readonly #podContext: BatchContext;
  readonly #known = new Map<string, Inspection>();
  readonly #requested = new Map<string, Reference>();
  readonly #inFlight = new Map<string, Promise<void>>();

  constructor(inspector: Inspector, podContext: BatchContext) {
    this.#inspector = inspector;
    this.#podContext = podContext;
  }

  /** Returns a known inspection. Otherwise returns undefined and requests the image. */
  get(reference: Reference): Inspection | undefined {
    const key = imageKey(reference);
    const known = this.#known.get(key);
    if (known) return known;
    const inspection = this.#inspector.peek(reference, this.#podContext.credentials.forReference(reference));
    if (inspection) return this.#store(key, inspection);
    if (!this.#inFlight.has(key) && !this.#requested.has(key)) this.#requested.set(key, reference);
    return undefined;
  }

  /** Returns a known inspection. Otherwise returns an inspection that says that the deadline has passed. */
  getOrTimeout(reference: Reference): Inspection {
    return this.get(reference) ?? this.#store(imageKey(reference), timedOut(reference));
  }

  /**
   * Starts requested inspections and returns a promise for each one in flight, which settles when its answer
   * is known. A promise rejects only for a programming error in the inspector.
   */
  start(deadline: Deadline, purpose: InspectRequest['purpose']): readonly Promise<void>[] {
    for (const [key, reference] of this.#requested) {
      if (this.#inFlight.size >= maxConcurrent || deadline.signal.aborted) break;
      this.#requested.delete(key);
      this.#inFlight.set(key, this.#inspect(key, reference, deadline, purpose));
    }
    return [...this.#inFlight.values()];
  }

  async #inspect(
    key: string,
    reference: Reference,
    deadline: Deadline,
    purpose: InspectRequest['purpose'],
  ): Promise<void> {
    const credentials = this.#podContext.credentials.forReference(reference);
    const request = { reference, credentials, deadline, purpose, allEndpoints: false };
    try {
      this.#store(key, await this.#inspector.inspect(request));
    } finally {
      this.#inFlight.delete(key);
    }
  }

  /** Stores the last known inspection from the cluster instead of an inspection that found nothing out. */
  #store(key: string, answer: Inspection): Inspection {
    const inspection = withMissingSecrets(answer, this.#podContext);
    const { reference, result } = inspection;
    const lastKnown = result === 'unavailable' ? this.#podContext.lastKnown(reference, inspection) : null;
    this.#known.set(key, lastKnown ?? inspection);
    return lastKnown ?? inspection;
  }
}

/**
 * Adds the doubt that missing secrets cause: registries answer "denied" or "not found" to clients that may
 * not read, so neither is certain if one of the secrets is missing.
 */
export function withMissingSecrets(
  inspection: Inspection,
  { unreadableSecret, absentSecrets }: Pick<PodContext, 'unreadableSecret' | 'absentSecrets'>,
): Inspection {
  const { result, message } = inspection;
  if (result !== 'denied' && result !== 'not-found') return inspection;
  if (unreadableSecret !== null) {
    return {
      ...inspection,
      result: 'unavailable',
      reason: 'Credentials',
      message: messages.unreadableSecret(unreadableSecret, message),
    };
  }
  const [absent] = absentSecrets;
  return absent === undefined
    ? inspection
    : { ...inspection, message: messages.absentSecret(clean(absent, 63), message) };
}

/**
 * Returns the key of an inspection. If a reference has a tag and a digest, the digest decides, so the key
 * omits the tag.
 */
function imageKey(reference: Reference): string {
  const { tag, digest } = reference;
  return `${nameOf(reference)}${digest === null ? `:${tag}` : `@${digest}`}`;
}

/** Builds the inspection of an image whose answer did not arrive before the deadline. */
function timedOut(reference: Reference): Inspection {
  return {
    reference,
    result: 'unavailable',
    reason: 'Timeout',
    ...noImage,
    message: messages.late,
    warnings: [],
    attempts: [],
    inspectedAt: Date.now(),
  };
}
