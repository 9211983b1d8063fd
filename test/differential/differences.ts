/** The one reviewed list of what Pratique does unlike the owner of a format: by rule and with the reason, never by case. */
import type { Case, CaseEndpoint } from './case.ts';
import { malformedHeader } from './faults/content.ts';
import { onlyToHead } from './faults/status.ts';
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
  /** All that Pratique does instead: a rule explains one result, not any. */
  readonly instead: (each: Case, theirs: Observation) => Result;
}

export const differences: readonly Difference[] = [
  {
    owner: 'an endpoint that accepts and never answers is waited for without an end',
    reason: 'an attempt has a deadline, and the next endpoint is asked',
    when: ({ each, theirs }) => each.cell.fault === 'silence' && theirs.hung,
    instead: fallsThrough,
  },
  {
    owner: 'skopeo sleeps as 429 asks for, a minute if need be, before it asks the next endpoint',
    reason: 'only the last endpoint is waited for; the others have a cool-down',
    when: ({ each, theirs }) => each.cell.fault === '429' && theirs.hung,
    instead: fallsThrough,
  },
  {
    owner: 'a Docker-Content-Digest that contradicts the body is not looked at',
    reason: 'an endpoint that contradicts itself is not believed, and nothing of it is pinned',
    when: ({ each, theirs }) => contradictsItself(each) && theirs.digest !== null,
    instead: fallsThrough,
  },
  {
    owner: 'a page of HTML with status 200 is taken for the manifest, and the pull fails later',
    reason: 'the manifest is read at once, so the failure is seen at the same endpoint',
    when: ({ each }) => each.cell.fault === 'HTML',
    instead: (each, theirs) => ({ digest: null, hosts: untilFault(each, theirs) }),
  },
  {
    owner: 'skopeo prints a manifest of any declared type; a copy of it, as CRI-O makes it, is refused later',
    reason: 'what counts is the pull of the node, which ends at this endpoint',
    when: ({ each, program }) => each.cell.fault === 'media type' && program === 'skopeo',
    instead: (each, theirs) => ({ digest: null, hosts: untilFault(each, theirs) }),
  },
  {
    owner: 'containerd looks a digest up by HEAD, and takes a 404 to HEAD alone for the answer',
    reason: 'a digest costs one GET; the registry that answers 404 to HEAD only is a known issue',
    when: ({ each, theirs, program }) =>
      program === 'ctr' && each.by !== 'tag' && each.variant === onlyToHead && theirs.digest === null,
    instead: ({ endpoints }, theirs) => ({
      digest: endpoints.find(isFaulty)?.image.root.digest ?? null,
      hosts: theirs.hosts,
    }),
  },
  {
    owner:
      'containerd looks a digest up by HEAD, then asks all from the first on by GET, those without `pull` too',
    reason: 'one GET is the least, so there is only the second round, and only of those that may be asked',
    when: ({ each, theirs, program }) => program === 'ctr' && each.by !== 'tag' && lastRound(theirs) > 0,
    instead: (_each, theirs) => ({ digest: theirs.digest, hosts: theirs.hosts.slice(lastRound(theirs)) }),
  },
];

function contradictsItself({ cell, variant }: Case): boolean {
  return cell.fault === 'wrong digest' && !malformedHeader.includes(variant);
}

/** The faulty endpoint is passed over, and the next that has the image serves it. */
function fallsThrough(each: Case, theirs: Observation): Result {
  const { endpoints } = each;
  const faulty = endpoints.findIndex(isFaulty);
  const serving = endpoints.findIndex(({ behaviour }, index) => index > faulty && behaviour === 'serves');
  const after = endpoints.slice(faulty + 1, serving < 0 ? endpoints.length : serving + 1);
  const digest = endpoints[serving]?.image.root.digest ?? null;
  return { digest, hosts: [...untilFault(each, theirs), ...after.map(({ name }) => name)] };
}

/** Up to the fault all programs do the same. */
function untilFault({ endpoints }: Case, { hosts }: Observation): readonly string[] {
  const faulty = endpoints.find(isFaulty)?.name ?? '';
  return hosts.slice(0, hosts.indexOf(faulty) + 1);
}

function isFaulty({ behaviour }: CaseEndpoint): boolean {
  return behaviour === 'fails';
}

/** Where the first host is asked for the last time. */
function lastRound({ hosts }: Observation): number {
  return hosts.lastIndexOf(hosts[0] ?? '');
}
