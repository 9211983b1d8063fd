/** One judgement in the making: tried at once, then in rounds of asking, and closed when the time is up. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Deadline, expiry } from '../util/async/deadline.ts';
import type { Inspector, InspectRequest } from '../resolve/inspection/inspection.ts';
import { isDigest } from '../resolve/reference/digest.ts';
import { Answers } from './inspections.ts';
import type { Case, Look } from './context.ts';
import { type Judgement, judgementOf } from './judgement.ts';
import type { Subject } from './subject.ts';
import type { Surroundings } from './cluster-context.ts';

// At the deadline the inspector still tells what it knows (a stale answer, the attempts so far); a hung one has no more time than this.
const graceMs = 25;

/** What all judgements of one configuration share. */
export type Law = Pick<Case, 'policies' | 'references'>;

export class Hearing {
  private readonly subject: Subject;
  private readonly surroundings: Surroundings;
  private readonly law: Law;
  /** By the lists that the groups of nodes have: one question for those that share one. */
  private readonly answers = new Map<Inspector, Answers>();

  constructor(subject: Subject, surroundings: Surroundings, law: Law) {
    this.subject = subject;
    this.surroundings = surroundings;
    this.law = law;
  }

  /** The judgement where every answer is at hand, without waiting: the warm path of admission. Else null. */
  atOnce(): Judgement | null {
    return this.attempt((reference, { inspector }) => this.answersOf(inspector).look(reference)) ?? null;
  }

  /** Asks for what is missing. Answers when the deadline aborts, with what is known by then; rejects for programming errors only. */
  async judgement(deadline: Deadline, purpose: InspectRequest['purpose']): Promise<Judgement> {
    const closing = expiry(deadline).then(() => sleep(graceMs, null));
    const judgement = await Promise.race([this.rounds(deadline, purpose), closing]);
    return judgement ?? this.close();
  }

  /** Judges by what is known now; what is not counts as `unavailable`. */
  close(): Judgement {
    const judgement = this.attempt((reference, { inspector }) => this.answersOf(inspector).settle(reference));
    if (!judgement) throw new Error('a judgement was not reached although every question was answered');
    return { ...judgement, late: true };
  }

  /** Every round answers all that the one before wanted: the tags, the proofs by digest, little else. */
  private async rounds(deadline: Deadline, purpose: InspectRequest['purpose']): Promise<Judgement | null> {
    for (;;) {
      const judgement = this.atOnce();
      if (judgement) return { ...judgement, late: deadline.signal.aborted };
      if (deadline.signal.aborted) return null;
      await Promise.all([...this.answers.values()].map((answers) => answers.fetch(deadline, purpose)));
    }
  }

  private attempt(look: Look): Judgement | undefined {
    const { subject, surroundings, law } = this;
    const judgement = judgementOf({ subject, surroundings, ...law, look });
    if (judgement && !subject.final) this.tellPins(judgement);
    return judgement;
  }

  private tellPins({ images }: Judgement): void {
    for (const { use, pinned } of images) {
      const digest = pinned === use.image ? '' : pinned.slice(use.image.length + 1);
      if (isDigest(digest)) this.surroundings.pinned(use, digest);
    }
  }

  private answersOf(inspector: Inspector): Answers {
    const known = this.answers.get(inspector);
    if (known) return known;
    const answers = new Answers(inspector, this.surroundings);
    this.answers.set(inspector, answers);
    return answers;
  }
}
