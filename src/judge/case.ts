/** All that a judgement is made from, in one place; the answers of registries come through `look`. */
import type { MirrorList } from '../resolve/endpoints/endpoint.ts';
import type { Inspection } from '../resolve/inspection/inspection.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import type { Policies } from './policy/policies.ts';
import type { Subject } from './subject.ts';
import type { Surroundings } from './surroundings.ts';

/** An answer that is at hand; undefined when it has yet to be asked for, of which `Look` takes note. */
export type Look = (reference: Reference) => Inspection | undefined;

export type Refuse = NonNullable<MirrorList['refuse']>;

export interface Case {
  readonly subject: Subject;
  readonly surroundings: Surroundings;
  readonly policies: Policies;
  readonly look: Look;
  /** Why the nodes would not even look for an image that is written like this; null when they would. */
  readonly refuse: Refuse;
}
