/** The use case that the webhooks, `pratique check` and the controller share: a workload in, a judgement out. */
import { anonymous } from '../resolve/credentials/credential.ts';
import { type Deadline, expiry } from '../resolve/deadline.ts';
import type { InspectRequest, Inspection, Inspector } from '../resolve/inspection/inspection.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import { Answers, unanswered } from './answers.ts';
import type { Look } from './case.ts';
import { type Judgement, judgementOf } from './judgement.ts';
import type { Policies } from './policy/policies.ts';
import type { Subject } from './subject.ts';
import { type Surroundings, standalone } from './surroundings.ts';

export interface JudgeRequest {
  readonly subject: Subject;
  readonly surroundings: Surroundings;
  readonly deadline: Deadline;
  readonly purpose: InspectRequest['purpose'];
}

/** Where the answers come from is the inspector's concern, what they lead to the policies'. */
export class Judge {
  readonly policies: Policies;
  private readonly inspector: Inspector;

  constructor(policies: Policies, inspector: Inspector) {
    this.policies = policies;
    this.inspector = inspector;
  }

  /** The judgement where every answer is at hand, without waiting: the warm path of admission. Else null. */
  peek(subject: Subject, surroundings: Surroundings): Judgement | null {
    const answers = new Answers(this.inspector, surroundings.credentials);
    return this.attempt(subject, surroundings, (reference) => answers.look(reference)) ?? null;
  }

  /** Asks for what is missing. Answers when the deadline aborts, with what is known by then; rejects for programming errors only. */
  async judge({ subject, surroundings, deadline, purpose }: JudgeRequest): Promise<Judgement> {
    const answers = new Answers(this.inspector, surroundings.credentials);
    const rounds = async (): Promise<Judgement | undefined> => {
      // Every round answers all that the one before wanted: a tag, the proof by its digest, little else.
      while (!deadline.signal.aborted) {
        const judgement = this.attempt(subject, surroundings, (reference) => answers.look(reference));
        if (judgement) return judgement;
        await answers.fetch(deadline, purpose);
      }
      return undefined;
    };
    const judgement = await Promise.race([rounds(), expiry(deadline)]);
    return (
      judgement ??
      this.giveUp(subject, surroundings, (reference) => answers.look(reference) ?? unanswered(reference))
    );
  }

  /** The judgement when time ran out before anything could be asked: every image counts as `unavailable`. */
  unanswered(subject: Subject): Judgement {
    return this.giveUp(subject, standalone(anonymous, null), unanswered);
  }

  private giveUp(
    subject: Subject,
    surroundings: Surroundings,
    look: (reference: Reference) => Inspection,
  ): Judgement {
    const judgement = this.attempt(subject, surroundings, look);
    if (!judgement) throw new Error('a judgement on given answers lacks one');
    return { ...judgement, late: true };
  }

  private attempt(subject: Subject, surroundings: Surroundings, look: Look): Judgement | undefined {
    return judgementOf({ subject, surroundings, policies: this.policies, look });
  }
}
