/** The use case that the webhooks, `pratique check` and the controller share: a workload in, a judgement out. */
import { anonymous } from '../resolve/credentials/credential.ts';
import type { Deadline } from '../resolve/deadline.ts';
import type { InspectRequest, Inspector } from '../resolve/inspection/inspection.ts';
import { unanswered } from './answers.ts';
import { Hearing } from './hearing.ts';
import type { Judgement } from './judgement.ts';
import type { Policies } from './policy/policies.ts';
import type { Subject } from './subject.ts';
import { standalone, type Surroundings } from './surroundings.ts';

export interface JudgeRequest {
  readonly subject: Subject;
  readonly surroundings: Surroundings;
  readonly deadline: Deadline;
  readonly purpose: InspectRequest['purpose'];
}

const nobody: Inspector = {
  peek: () => null,
  inspect: ({ reference }) => Promise.resolve(unanswered(reference)),
};

/** Where the answers come from is the inspector's concern, what they lead to the policies'. */
export class Judge {
  readonly policies: Policies;
  private readonly inspector: Inspector;

  constructor(policies: Policies, inspector: Inspector) {
    this.policies = policies;
    this.inspector = inspector;
  }

  /** For callers that want to know first whether there is anything to wait for. */
  hear(subject: Subject, surroundings: Surroundings): Hearing {
    return new Hearing(subject, surroundings, this.policies, this.inspector);
  }

  /** Answers when the deadline aborts at the latest, with what is known by then; rejects for programming errors only. */
  judge({ subject, surroundings, deadline, purpose }: JudgeRequest): Promise<Judgement> {
    return this.hear(subject, surroundings).judgement(deadline, purpose);
  }

  /** When time ran out before anything could be asked: every image counts as `unavailable`. */
  unanswered(subject: Subject): Judgement {
    return new Hearing(subject, standalone(anonymous, null), this.policies, nobody).close();
  }
}
