/** What is to be found out for one ImageInspection: of which image, with whose credentials, for which nodes. Asking is `ask.ts`'s. */
import { eligiblePlatform } from '../../../judge/nodes/fit.ts';
import type { Policy } from '../../../judge/policy/schema.ts';
import { referenceIn } from '../../../judge/image/references.ts';
import type { ImageUse, PullPolicy, UseKind } from '../../../judge/workload/image-use.ts';
import { parsePlatform } from '../../../resolve/platform/parse.ts';
import { InvalidReference } from '../../../resolve/reference/error.ts';
import { nameOf } from '../../../resolve/reference/format.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';
import type { ImageInspection } from '../../api/read.ts';
import type { PodRecord, UsedImage } from '../../cluster/records/pod-record.ts';
import {
  type CredentialSet,
  credentialSetKey,
  distinctCredentialSets,
} from '../../cluster/lookups/credential-sets.ts';
import type { ControllerContext, NodeReach } from './context.ts';
import { anywhere, reachFor, reachKey, reachOf } from './eligible-nodes.ts';
import { isUseOf } from '../status/uses.ts';
import type { Usage } from '../usage/usage.ts';

export interface InspectionPlan {
  readonly namespace: string;
  readonly reference: Reference | InvalidReference;
  readonly use: ImageUse;
  readonly users: readonly PodRecord[];
  /** The sets that users have; of an image that nobody uses, what its object names. */
  readonly sets: readonly CredentialSet[];
  /** How many more sets there are than are asked for. */
  readonly moreSets: number;
  /** The credentials are what a person named, who need not have a right to them. */
  readonly isNamed: boolean;
  readonly policy: Policy;
  readonly reach: NodeReach;
  /** What an answer depends on: as long as nothing is added to it, an answer holds for its time. */
  readonly parts: ReadonlySet<string>;
  /** Digests that its pods run. */
  readonly running: ReadonlySet<string>;
  /** Whose pods use it (`Owner.uid`): their pins are told along with the answer. */
  readonly owners: ReadonlySet<string>;
}

/** The policy for an image in a namespace. */
export function policyOf(
  namespace: string,
  reference: Reference | InvalidReference,
  { judge, labels }: Pick<ControllerContext, 'judge' | 'labels'>,
): Policy {
  const image = reference instanceof InvalidReference ? null : nameOf(reference);
  return judge.policies.policyFor({ name: namespace, labels: labels(namespace) }, image);
}

/** Those that are to be looked after; empty where Pratique is off. */
export function usersOf(usage: Usage | undefined, inspecting: ControllerContext): readonly PodRecord[] {
  if (!usage) return [];
  const { namespace, reference, image, users } = usage;
  const policy = policyOf(namespace, reference ?? referenceIn(image), inspecting);
  if (policy.mode === 'off') return [];
  // As at admission, the label is heard or not for the whole pod.
  const labels = inspecting.labels(namespace);
  const { skipLabel } = inspecting.judge.policies.policyFor({ name: namespace, labels }, null);
  return skipLabel ? users.filter(({ hasSkipLabel }) => !hasSkipLabel) : users;
}

export function planInspection(
  object: ImageInspection,
  usage: Usage | undefined,
  inspecting: ControllerContext,
): InspectionPlan {
  const { namespace, spec } = object;
  // What was too odd to be written there is still known to those who use it.
  const image = object.isManaged && usage ? usage.image : spec.image;
  const reference = referenceIn(image);
  const users = usersOf(usage, inspecting);
  const policy = policyOf(namespace, reference, inspecting);
  const isIt = isUseOf(image, reference);
  const uses = users.flatMap(({ images }) => images.filter(isIt));
  const use = useOf(image, uses);
  const isNamed = users.length === 0;
  const { sets, more } = isNamed ? { sets: [namedIn(spec)], more: 0 } : distinctCredentialSets(users);
  const reach = reachIn(spec, users, inspecting);
  const running = new Set(uses.flatMap(({ running }) => running ?? []));
  const owners = new Set(users.flatMap(({ owner }) => owner?.uid ?? []));
  const parts = new Set([
    JSON.stringify([inspecting.version, object.generation, policy, use.kind, use.pullPolicy]),
    reachKey(reach),
    ...sets.map(credentialSetKey),
    ...uses.map(({ image }) => image),
    ...running,
  ]);
  return {
    namespace,
    reference,
    use,
    users,
    sets,
    moreSets: more,
    isNamed,
    policy,
    reach,
    parts,
    running,
    owners,
  };
}

function reachIn(
  spec: ImageInspection['spec'],
  users: readonly PodRecord[],
  inspecting: ControllerContext,
): NodeReach {
  const reach = users.length === 0 ? inspecting.reach(anywhere) : reachOf(users, inspecting);
  const { platforms = [] } = spec;
  if (platforms.length === 0) return reach;
  const required = platforms.map((each) => eligiblePlatform(parsePlatform(each), 'strict'));
  return reachFor(required, reach, inspecting.rest);
}

/** '' as service account: nobody's. */
function namedIn({ serviceAccountName, imagePullSecrets }: ImageInspection['spec']): CredentialSet {
  return {
    serviceAccount: serviceAccountName ?? '',
    pullSecrets: (imagePullSecrets ?? []).map(({ name }) => name),
  };
}

/** All uses as one, judged by the strictest of each: whom nothing can help counts. */
function useOf(image: string, uses: readonly UsedImage[]): ImageUse {
  return {
    container: 'image',
    kind: strictest<UseKind>(uses, ({ kind }) => kind, ['volume', 'ephemeral', 'init', 'container']),
    pointer: '',
    image,
    pullPolicy: strictest<PullPolicy>(uses, ({ pullPolicy }) => pullPolicy, [
      'Never',
      'IfNotPresent',
      'Always',
    ]),
  };
}

/** The last of `order` that somebody has; of nobody, the last. */
function strictest<T>(uses: readonly UsedImage[], of: (use: UsedImage) => T, order: readonly T[]): T {
  const had = new Set(uses.map(of));
  const found = order.findLast((each) => had.has(each)) ?? order.at(-1);
  if (found === undefined) throw new Error('nothing to choose from');
  return found;
}
