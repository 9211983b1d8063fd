/** The use case that the webhooks, `pratique check` and the controller share: a workload in, a judgement out. */
import type { Deadline } from '../util/async/deadline.ts';
import type { InspectRequest } from '../resolve/inspection/inspection.ts';
import { Evaluation } from './evaluation.ts';
import type { Judgement } from './judgement.ts';
import type { Policies } from './policy/policies.ts';
import { References } from './image/references.ts';
import type { Subject } from './subject.ts';
import type { PodContext } from './cluster-context.ts';

export interface JudgeRequest {
  readonly subject: Subject;
  readonly podContext: PodContext;
  readonly deadline: Deadline;
  readonly purpose: InspectRequest['purpose'];
}

/** Of one configuration: when that is reloaded, there is a new judge, and work in flight keeps the old one. */
export class Judge {
  readonly policies: Policies;
  readonly #references = new References();

  constructor(policies: Policies) {
    this.policies = policies;
  }

  /** For callers that want to know first whether there is anything to wait for. */
  begin(subject: Subject, podContext: PodContext): Evaluation {
    return new Evaluation(subject, podContext, { policies: this.policies, references: this.#references });
  }

  /** Answers when the deadline aborts at the latest, with what is known by then; rejects for programming errors only. */
  judge({ subject, podContext, deadline, purpose }: JudgeRequest): Promise<Judgement> {
    return this.begin(subject, podContext).evaluate(deadline, purpose);
  }
}
