/** The one reviewed list of what Pratique does otherwise than the owner of a format: by rule and with the reason, never by case. */
import type { Case } from './case.ts';
import { malformedHeader } from './faults/content.ts';
import type { Observation } from './observation.ts';
import type { Owner } from './owners/owner.ts';

/** One case as its owner handled it. */
interface Handled {
  readonly each: Case;
  readonly theirs: Observation;
  readonly program: Owner['program'];
}

type Result = Pick<Observation, 'digest' | 'hosts'>;

export interface Difference {
  /** What the owner does. */
  readonly owner: string;
  /** What Pratique does, and why. */
  readonly reason: string;
  readonly when: (handled: Handled) => boolean;
  /** All that Pratique does instead, so that a rule explains one result and not any. */
  readonly instead: (each: Case, theirs: Observation) => Result;
}

export const differences: readonly Difference[] = [
  {
    owner: 'an endpoint that accepts and never answers is waited for without an end',
    reason: 'an attempt has a deadline, and the next endpoint is asked (rules 1 and 2)',
    when: ({ each, theirs }) => each.cell.fault === 'silence' && theirs.hung,
    instead: fallsThrough,
  },
  {
    owner: 'skopeo sleeps as 429 asks for, a minute if need be, before it asks the next endpoint',
    reason: 'only the last endpoint is waited for; the others have a cool-down (rule 7)',
    when: ({ each, theirs }) => each.cell.fault === '429' && theirs.hung,
    instead: fallsThrough,
  },
  {
    owner: 'containerd gives up on a redirect without Location',
    reason: 'that is a failure of this endpoint alone (rule 2)',
    when: ({ each, theirs, program }) =>
      program === 'ctr' && each.cell.fault === 'redirect' && theirs.digest === null,
    instead: fallsThrough,
  },
  {
    owner: 'containerd asks an endpoint again whose body was cut, and then gives up',
    reason: 'that is a failure of this endpoint alone (rule 2)',
    when: ({ each, theirs, program }) =>
      program === 'ctr' && each.cell.fault === 'reset' && theirs.digest === null,
    instead: fallsThrough,
  },
  {
    owner: 'containerd gives up on a malformed Docker-Content-Digest',
    reason: 'a malformed header is as good as none: the body is hashed (rule 3)',
    when: ({ each, theirs, program }) =>
      program === 'ctr' && malformedHeader.includes(each.variant) && theirs.digest === null,
    instead: isServed,
  },
  {
    owner: 'containerd gives up on a body that is not what its digest says',
    reason: 'that is a failure of this endpoint alone (rules 2 and 3)',
    when: ({ each, theirs, program }) =>
      program === 'ctr' && contradictsItself(each) && theirs.digest === null,
    instead: fallsThrough,
  },
  {
    owner: 'a Docker-Content-Digest that contradicts the body is not looked at',
    reason: 'an endpoint that contradicts itself is not believed, and nothing of it is pinned (rule 3)',
    when: ({ each, theirs }) => contradictsItself(each) && theirs.digest !== null,
    instead: fallsThrough,
  },
  {
    owner: 'a page of HTML with status 200 is taken for the manifest',
    reason: 'a manifest is JSON of a known shape (rules 2 and 3)',
    when: ({ each }) => each.cell.fault === 'HTML',
    instead: fallsThrough,
  },
  {
    owner: 'containerd believes HEAD that there is no such manifest',
    reason: '404 to HEAD costs one GET, because some registries know HEAD badly (rule 5)',
    when: ({ each, program }) => program === 'ctr' && each.cell.fault === '404',
    instead: isServed,
  },
  {
    owner: 'containerd asks for the scope of the image and of the challenge together',
    reason: 'the scope is exactly the one of the challenge, which is what the registry takes (rule 10)',
    when: ({ each, program }) => program === 'ctr' && each.cell.fault === 'wrong scope',
    instead: isServed,
  },
  {
    owner: 'skopeo asks for the scope of its own repository, whatever the challenge says',
    reason: "the challenge's own scope wins where it differs (rule 10)",
    when: ({ each, program }) => program === 'skopeo' && each.cell.fault === 'wrong scope',
    instead: isServed,
  },
  {
    owner: 'containerd looks a digest up by HEAD, and then asks from the first endpoint again by GET',
    reason: 'one GET is the least (rule 5), so there is only the second of these rounds',
    when: ({ each, theirs, program }) => program === 'ctr' && each.by !== 'tag' && lastRound(theirs) > 0,
    instead: (_each, theirs) => ({ digest: theirs.digest, hosts: theirs.hosts.slice(lastRound(theirs)) }),
  },
];

function contradictsItself({ cell, variant }: Case): boolean {
  return cell.fault === 'wrong digest' && !malformedHeader.includes(variant);
}

/** The faulty endpoint is passed over, and the next that has the image serves it. */
function fallsThrough({ endpoints }: Case): Result {
  const faulty = endpoints.findIndex(({ behaviour }) => behaviour === 'fails');
  const serving = endpoints.findIndex(({ behaviour }, index) => index > faulty && behaviour === 'serves');
  const asked = serving < 0 ? endpoints : endpoints.slice(0, serving + 1);
  return { digest: endpoints[serving]?.image.root.digest ?? null, hosts: asked.map(({ name }) => name) };
}

/** The faulty endpoint serves nevertheless. */
function isServed({ endpoints }: Case): Result {
  const faulty = endpoints.findIndex(({ behaviour }) => behaviour === 'fails');
  return {
    digest: endpoints[faulty]?.image.root.digest ?? null,
    hosts: endpoints.slice(0, faulty + 1).map(({ name }) => name),
  };
}

/** Where the first host is asked for the last time. */
function lastRound({ hosts }: Observation): number {
  return hosts.lastIndexOf(hosts[0] ?? '');
}
