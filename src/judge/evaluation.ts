/** One judgement in the making: tried at once, then in rounds of asking, and closed when the time is up. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Deadline, expiry } from '../util/async/deadline.ts';
import type { Inspector, InspectRequest } from '../resolve/inspection/inspection.ts';
import { isDigest } from '../resolve/reference/digest.ts';
import { InspectionBatch } from './inspections.ts';
import type { EvaluationContext, InspectionLookup } from './context.ts';
import { type Judgement, judgementOf } from './judgement.ts';
import type { Subject } from './subject.ts';
import type { PodContext } from './cluster-context.ts';

// At the deadline the inspector still tells what it knows (a stale answer, the attempts so far); a hung one has no more time than this.
const graceMs = 25;

/** What all judgements of one configuration share. */
export type SharedConfig = Pick<EvaluationContext, 'policies' | 'references'>;

export class Evaluation {
  private readonly subject: Subject;
  private readonly podContext: PodContext;
  private readonly law: SharedConfig;
  /** By the lists that the groups of nodes have: one question for those that share one. */
  private readonly batches = new Map<Inspector, InspectionBatch>();

  constructor(subject: Subject, podContext: PodContext, law: SharedConfig) {
    this.subject = subject;
    this.podContext = podContext;
    this.law = law;
  }

  /** The judgement where every answer is at hand, without waiting: the warm path of admission. Else null. */
  tryNow(): Judgement | null {
    return this.attempt((reference, { inspector }) => this.batchFor(inspector).get(reference)) ?? null;
  }

  /** Asks for what is missing. Answers when the deadline aborts, with what is known by then; rejects for programming errors only. */
  async evaluate(deadline: Deadline, purpose: InspectRequest['purpose']): Promise<Judgement> {
    const closing = expiry(deadline).then(() => sleep(graceMs, null));
    const judgement = await Promise.race([this.evaluateInRounds(deadline, purpose), closing]);
    return judgement ?? this.finishLate();
  }

  /** Judges by what is known now; what is not counts as `unavailable`. */
  finishLate(): Judgement {
    const judgement = this.attempt((reference, { inspector }) =>
      this.batchFor(inspector).getOrTimeout(reference),
    );
    if (!judgement) throw new Error('a judgement was not reached although every question was answered');
    return { ...judgement, late: true };
  }

  /** Every round answers all that the one before wanted: the tags, the proofs by digest, little else. */
  private async evaluateInRounds(
    deadline: Deadline,
    purpose: InspectRequest['purpose'],
  ): Promise<Judgement | null> {
    for (;;) {
      const judgement = this.tryNow();
      if (judgement) return { ...judgement, late: deadline.signal.aborted };
      if (deadline.signal.aborted) return null;
      await Promise.all([...this.batches.values()].map((answers) => answers.fetch(deadline, purpose)));
    }
  }

  private attempt(look: InspectionLookup): Judgement | undefined {
    const { subject, podContext, law } = this;
    const judgement = judgementOf({ subject, podContext, ...law, lookup: look });
    if (judgement && !subject.final) this.recordPins(judgement);
    return judgement;
  }

  private recordPins({ images }: Judgement): void {
    for (const { use, pinned } of images) {
      const digest = pinned === use.image ? '' : pinned.slice(use.image.length + 1);
      if (isDigest(digest)) this.podContext.recordPin(use, digest);
    }
  }

  private batchFor(inspector: Inspector): InspectionBatch {
    const known = this.batches.get(inspector);
    if (known) return known;
    const answers = new InspectionBatch(inspector, this.podContext);
    this.batches.set(inspector, answers);
    return answers;
  }
}
