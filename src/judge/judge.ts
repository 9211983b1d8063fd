/** Judge of workloads, used by the webhooks, `pratique check` and the controller. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Inspector, InspectRequest } from '../resolve/inspection/inspection.ts';
import { isDigest } from '../resolve/reference/digest.ts';
import { type Deadline, expiry } from '../util/async/deadline.ts';
import type { PodContext } from './cluster-context.ts';
import type { EvaluationContext, InspectionLookup } from './context.ts';
import { References } from './image/references.ts';
import { InspectionBatch } from './inspections.ts';
import { type Judgement, judgementOf } from './judgement.ts';
import type { Policies } from './policy/policies.ts';
import type { ImageVerdict } from './results.ts';
import type { Subject } from './subject.ts';
import type { ImageUse } from './workload/image-use.ts';

// Time that a hung inspector gets beyond the deadline, at which it normally returns what it knows (a stale
// answer, the attempts so far).
const graceMs = 25;

/** Part of an evaluation that all judgements of one configuration share. */
export type SharedConfig = Pick<EvaluationContext, 'policies' | 'references'>;

export interface JudgeRequest {
  readonly subject: Subject;
  readonly podContext: PodContext;
  readonly deadline: Deadline;
  readonly purpose: InspectRequest['purpose'];
}

/** Judge of one configuration. A reload creates a new judge, and work in flight keeps the old one. */
export class Judge {
  readonly policies: Policies;
  readonly #references = new References();

  constructor(policies: Policies) {
    this.policies = policies;
  }

  /** Starts an evaluation, for callers that first check whether they have to wait. */
  begin(subject: Subject, podContext: PodContext): Evaluation {
    return new Evaluation(subject, podContext, { policies: this.policies, references: this.#references });
  }

  /**
   * Judges a workload at the latest at the deadline, with what is known by then. Rejects only for programming
   * errors.
   */
  judge({ subject, podContext, deadline, purpose }: JudgeRequest): Promise<Judgement> {
    return this.begin(subject, podContext).evaluate(deadline, purpose);
  }
}

/** Judgement in progress. It is evaluated again with every inspection that arrives, until none is missing. */
export class Evaluation {
  readonly #subject: Subject;
  readonly #podContext: PodContext;
  readonly #config: SharedConfig;
  /** One batch for each mirror list; groups with the same list share its inspections. */
  readonly #batches = new Map<Inspector, InspectionBatch>();
  /** Verdicts for which no inspection is missing. */
  readonly #verdicts = new Map<ImageUse, ImageVerdict>();

  constructor(subject: Subject, podContext: PodContext, config: SharedConfig) {
    this.#subject = subject;
    this.#podContext = podContext;
    this.#config = config;
  }

  /**
   * Returns the judgement without waiting, or null while an inspection is missing. This is the warm path of
   * admission.
   */
  tryNow(): Judgement | null {
    return this.#attempt((reference, { inspector }) => this.#batchFor(inspector).get(reference)) ?? null;
  }

  /**
   * Requests the missing inspections and returns the judgement at the latest at the deadline, with what is
   * known by then. Rejects only for programming errors.
   */
  async evaluate(deadline: Deadline, purpose: InspectRequest['purpose']): Promise<Judgement> {
    const closing = expiry(deadline).then(() => sleep(graceMs, null));
    const judgement = await Promise.race([this.#untilComplete(deadline, purpose), closing]);
    return judgement ?? this.finishLate();
  }

  /** Judges with what is known; a missing inspection counts as `unavailable`. */
  finishLate(): Judgement {
    const judgement = this.#attempt((reference, { inspector }) =>
      this.#batchFor(inspector).getOrTimeout(reference),
    );
    if (!judgement) throw new Error('a judgement is incomplete although every inspection has an answer');
    return { ...judgement, late: true };
  }

  /**
   * Evaluates again as soon as any answer arrives, so that a slow registry does not delay the other images.
   */
  async #untilComplete(deadline: Deadline, purpose: InspectRequest['purpose']): Promise<Judgement | null> {
    for (;;) {
      const judgement = this.tryNow();
      if (judgement) return { ...judgement, late: deadline.signal.aborted };
      if (deadline.signal.aborted) return null;
      await Promise.race([...this.#batches.values()].flatMap((batch) => batch.start(deadline, purpose)));
    }
  }

  #attempt(lookup: InspectionLookup): Judgement | undefined {
    const context = { subject: this.#subject, podContext: this.#podContext, ...this.#config, lookup };
    const judgement = judgementOf(context, this.#verdicts);
    if (judgement && !this.#subject.final) this.#recordPins(judgement);
    return judgement;
  }

  #recordPins({ images }: Judgement): void {
    for (const { use, pinned } of images) {
      const digest = pinned === use.image ? '' : pinned.slice(use.image.length + 1);
      if (isDigest(digest)) this.#podContext.recordPin(use, digest);
    }
  }

  #batchFor(inspector: Inspector): InspectionBatch {
    const known = this.#batches.get(inspector);
    if (known) return known;
    const batch = new InspectionBatch(inspector, this.#podContext);
    this.#batches.set(inspector, batch);
    return batch;
  }
}
