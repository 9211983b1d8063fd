/** The answers of one judgement: what is at hand, what is still wanted, and fetching that, a few at a time. */
import type { Deadline } from '../util/async/deadline.ts';
import type { Inspection, Inspector, InspectRequest } from '../resolve/inspection/inspection.ts';
import { nameOf } from '../resolve/reference/format.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import { doubted } from './doubt.ts';
import { words } from './messages/reasons.ts';
import type { Surroundings } from './cluster-context.ts';

// Enough for any real pod at once; one with hundreds of images must not crowd out the others.
const maxConcurrent = 16;

type Around = Pick<Surroundings, 'credentials' | 'recalled' | 'unread' | 'absentSecrets'>;

export class Answers {
  private readonly inspector: Inspector;
  private readonly surroundings: Around;
  private readonly known = new Map<string, Inspection>();
  private readonly wanted = new Map<string, Reference>();

  constructor(inspector: Inspector, surroundings: Around) {
    this.inspector = inspector;
    this.surroundings = surroundings;
  }

  /** What is at hand; else undefined, and the reference is wanted from now on. */
  look(reference: Reference): Inspection | undefined {
    const key = keyOf(reference);
    const known = this.known.get(key);
    if (known) return known;
    const inspection = this.inspector.peek(reference, this.surroundings.credentials.forReference(reference));
    if (inspection) return this.keep(key, inspection);
    this.want(key, reference);
    return undefined;
  }

  /** What is at hand; else, because nobody waits any longer, that there was no answer. */
  settle(reference: Reference): Inspection {
    const key = keyOf(reference);
    return this.look(reference) ?? this.keep(key, unanswered(reference));
  }

  /** Where nobody answers now, what the cluster remembers is the answer. */
  private keep(key: string, answer: Inspection): Inspection {
    const inspection = doubted(answer, this.surroundings);
    const { reference, result } = inspection;
    const recalled = result === 'unavailable' ? this.surroundings.recalled(reference, inspection) : null;
    this.known.set(key, recalled ?? inspection);
    return recalled ?? inspection;
  }

  private want(key: string, reference: Reference): void {
    if (!this.wanted.has(key)) this.wanted.set(key, reference);
  }

  /** Asks for all that is wanted. Rejects only for a programming error in the inspector. */
  async fetch(deadline: Deadline, purpose: InspectRequest['purpose']): Promise<void> {
    const queue = [...this.wanted];
    this.wanted.clear();
    const worker = async (): Promise<void> => {
      for (let next = queue.shift(); next && !deadline.signal.aborted; next = queue.shift()) {
        const [key, reference] = next;
        const credentials = this.surroundings.credentials.forReference(reference);
        const request = { reference, credentials, deadline, purpose, allEndpoints: false };
        this.keep(key, await this.inspector.inspect(request));
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
    message: words.late,
    warnings: [],
    attempts: [],
    inspectedAt: Date.now(),
  };
}
