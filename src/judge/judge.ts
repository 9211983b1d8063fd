/** The use case that the webhooks, `pratique check` and the controller share: a workload in, a judgement out. */
import { anonymous } from '../resolve/credentials/credential.ts';
import type { Deadline } from '../resolve/deadline.ts';
import type { Inspector, InspectRequest } from '../resolve/inspection/inspection.ts';
import { unanswered } from './answers.ts';
import type { Refuse } from './case.ts';
import { Hearing, type Law } from './hearing.ts';
import type { Judgement } from './judgement.ts';
import type { Policies } from './policy/policies.ts';
import type { Subject } from './subject.ts';
import { type Surroundings, standalone } from './surroundings.ts';

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

export interface JudgeOptions {
  readonly policies: Policies;
  readonly inspector: Inspector;
  /** What the mirror configuration refuses as written; absent: nothing. */
  readonly refuse?: Refuse | undefined;
}

/** Of one configuration: when that is reloaded, there is a new judge, and work in flight keeps the old one. */
export class Judge {
  private readonly law: Law;

  constructor({ policies, inspector, refuse = () => null }: JudgeOptions) {
    this.law = { policies, inspector, refuse };
  }

  get policies(): Policies {
    return this.law.policies;
  }

  /** For callers that want to know first whether there is anything to wait for. */
  hear(subject: Subject, surroundings: Surroundings): Hearing {
    return new Hearing(subject, surroundings, this.law);
  }

  /** Answers when the deadline aborts at the latest, with what is known by then; rejects for programming errors only. */
  judge({ subject, surroundings, deadline, purpose }: JudgeRequest): Promise<Judgement> {
    return this.hear(subject, surroundings).judgement(deadline, purpose);
  }

  /** When time ran out before anything could be asked: every image counts as `unavailable`. */
  unanswered(subject: Subject): Judgement {
    return new Hearing(subject, standalone(anonymous, null), { ...this.law, inspector: nobody }).close();
  }
}
