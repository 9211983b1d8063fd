/** The answers of one judgement: what is at hand, what is still wanted, and fetching that, a few at a time. */
import type { Deadline } from '../util/async/deadline.ts';
import type { Inspection, Inspector, InspectRequest } from '../resolve/inspection/inspection.ts';
import { nameOf } from '../resolve/reference/format.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import { withMissingSecrets } from './doubt.ts';
import { messages } from './messages/reasons.ts';
import type { PodContext } from './cluster-context.ts';

// Enough for any real pod at once; one with hundreds of images must not crowd out the others.
const maxConcurrent = 16;

type Around = Pick<PodContext, 'credentials' | 'lastKnown' | 'unreadableSecret' | 'absentSecrets'>;

export class InspectionBatch {
  private readonly inspector: Inspector;
  private readonly podContext: Around;
  private readonly known = new Map<string, Inspection>();
  private readonly wanted = new Map<string, Reference>();

  constructor(inspector: Inspector, podContext: Around) {
    this.inspector = inspector;
    this.podContext = podContext;
  }

  /** What is at hand; else undefined, and the reference is wanted from now on. */
  get(reference: Reference): Inspection | undefined {
    const key = keyOf(reference);
    const known = this.known.get(key);
    if (known) return known;
    const inspection = this.inspector.peek(reference, this.podContext.credentials.forReference(reference));
    if (inspection) return this.store(key, inspection);
    this.enqueue(key, reference);
    return undefined;
  }

  /** What is at hand; else, because nobody waits any longer, that there was no answer. */
  getOrTimeout(reference: Reference): Inspection {
    const key = keyOf(reference);
    return this.get(reference) ?? this.store(key, unanswered(reference));
  }

  /** Where nobody answers now, what the cluster remembers is the answer. */
  private store(key: string, answer: Inspection): Inspection {
    const inspection = withMissingSecrets(answer, this.podContext);
    const { reference, result } = inspection;
    const recalled = result === 'unavailable' ? this.podContext.lastKnown(reference, inspection) : null;
    this.known.set(key, recalled ?? inspection);
    return recalled ?? inspection;
  }

  private enqueue(key: string, reference: Reference): void {
    if (!this.wanted.has(key)) this.wanted.set(key, reference);
  }

  /** Asks for all that is wanted. Rejects only for a programming error in the inspector. */
  async fetch(deadline: Deadline, purpose: InspectRequest['purpose']): Promise<void> {
    const queue = [...this.wanted];
    this.wanted.clear();
    const worker = async (): Promise<void> => {
      for (let next = queue.shift(); next && !deadline.signal.aborted; next = queue.shift()) {
        const [key, reference] = next;
        const credentials = this.podContext.credentials.forReference(reference);
        const request = { reference, credentials, deadline, purpose, allEndpoints: false };
        this.store(key, await this.inspector.inspect(request));
      }
    };
    await Promise.all(Array.from({ length: Math.min(maxConcurrent, queue.length) }, worker));
  }
}

/** With tag and digest, the digest decides: one question. */
function keyOf(reference: Reference): string {
  const { tag, digest } = reference;
  return `${nameOf(reference)}${digest === null ? `:${tag}` : `@${digest}`}`;
}

/** What stands for an answer that did not come in time. */
function unanswered(reference: Reference): Inspection {
  return {
    reference,
    result: 'unavailable',
    reason: 'Timeout',
    kind: null,
    digest: null,
    mediaType: null,
    size: null,
    platforms: [],
    platformsComplete: false,
    rawPlatforms: [],
    endpoint: null,
    stale: false,
    message: messages.late,
    warnings: [],
    attempts: [],
    inspectedAt: Date.now(),
  };
}
