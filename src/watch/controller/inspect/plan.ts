/** Plan for one ImageInspection: which image to inspect, with which credentials, for which nodes. */
import { eligiblePlatform } from '../../../judge/nodes/fit.ts';
import { honoursSkipLabel } from '../../../judge/policy/opt-out.ts';
import type { Policy } from '../../../judge/policy/schema.ts';
import { referenceIn } from '../../../judge/image/references.ts';
import type { ImageUse, PullPolicy, UseKind } from '../../../judge/workload/image-use.ts';
import { parsePlatform } from '../../../resolve/platform/parse.ts';
import { InvalidReference } from '../../../resolve/reference/error.ts';
import { nameOf } from '../../../resolve/reference/format.ts';
import type { Digest } from '../../../resolve/reference/digest.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';
import type { ImageInspection } from '../../api/parse-inspection.ts';
import type { PodRecord, RunningDigest, UsedImage } from '../../cluster/records/pod-record.ts';
import {
  type CredentialSet,
  credentialSetKey,
  distinctCredentialSets,
} from '../../cluster/lookups/credential-sets.ts';
import type { ControllerContext, EligibleNodes } from './context.ts';
import { plainPod, withRequiredPlatforms, eligibleNodesKey, eligibleNodesOf } from './eligible-nodes.ts';
import { containerUses, createUseMatcher } from '../status/uses.ts';
import type { Usage } from '../usage/usage.ts';

export interface InspectionPlan {
  readonly namespace: string;
  readonly reference: Reference | InvalidReference;
  readonly use: ImageUse;
  readonly users: readonly PodRecord[];
  /** Credential sets of the users; those of the object's spec if it has no users. */
  readonly sets: readonly CredentialSet[];
  /** Number of credential sets beyond the limit. */
  readonly moreSets: number;
  /** True if the credentials are from the spec, whose author may lack permission to use them. */
  readonly usesSpecCredentials: boolean;
  readonly policy: Policy;
  /** True if the spec names platforms, which the image must have whatever the nodes are. */
  readonly namesPlatforms: boolean;
  readonly nodes: EligibleNodes;
  /** Everything that a result depends on: a result stays valid for its interval while nothing is added. */
  readonly inputs: ReadonlySet<string>;
  /** Digests that its pods run. */
  readonly running: ReadonlySet<Digest>;
  /** Digests that its pods run or are pinned to. */
  readonly inUse: ReadonlySet<Digest>;
  /** Owners of its pods (`Owner.uid`), whose pins are reported with the result. */
  readonly owners: ReadonlySet<string>;
}

/** Returns the policy for an image in a namespace. */
export function policyOf(
  namespace: string,
  reference: Reference | InvalidReference,
  { judge, labels }: Pick<ControllerContext, 'judge' | 'labels'>,
): Policy {
  const image = reference instanceof InvalidReference ? null : nameOf(reference);
  return judge.policies.policyFor({ name: namespace, labels: labels(namespace) }, image);
}

/** Returns the users whose images are inspected; empty where the mode is off. */
export function inspectedUsers(usage: Usage | undefined, context: ControllerContext): readonly PodRecord[] {
  if (!usage) return [];
  const { namespace, reference, image, users } = usage;
  const policy = policyOf(namespace, reference ?? referenceIn(image), context);
  if (policy.mode === 'off') return [];
  // The label is honoured or ignored for the whole pod, as at admission.
  const labels = context.labels(namespace);
  const canOptOut = honoursSkipLabel({ name: namespace, labels }, context.judge.policies);
  return canOptOut ? users.filter(({ hasSkipLabel }) => !hasSkipLabel) : users;
}

export function planInspection(
  object: ImageInspection,
  usage: Usage | undefined,
  context: ControllerContext,
): InspectionPlan {
  const { namespace, spec } = object;
  // The object's spec may have a sanitized form of the image; the usage has the original.
  const image = object.isManaged && usage ? usage.image : spec.image;
  const reference = referenceIn(image);
  const users = inspectedUsers(usage, context);
  const policy = policyOf(namespace, reference, context);
  const isThisImage = createUseMatcher(image, reference);
  const uses = users.flatMap(({ images }) => images.filter(isThisImage));
  const use = strictestUse(image, uses);
  const usesSpecCredentials = users.length === 0;
  const { sets, more } = usesSpecCredentials
    ? { sets: [specCredentials(spec)], more: 0 }
    : distinctCredentialSets(users);
  const nodes = planNodes(spec, users, context);
  const containers = containerUses({ object, reference, users });
  const running = new Set(containers.flatMap(({ running }) => digestOrNone(running)));
  const inUse = new Set([...running, ...containers.flatMap(({ pinned }) => pinned ?? [])]);
  const owners = new Set(users.flatMap(({ owner }) => owner?.uid ?? []));
  const inputs = new Set([
    JSON.stringify([context.version, object.generation, object.inspectNow, policy, use.kind, use.pullPolicy]),
    eligibleNodesKey(nodes),
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
    usesSpecCredentials,
    policy,
    namesPlatforms: (spec.platforms ?? []).length > 0,
    nodes,
    inputs,
    running,
    inUse,
    owners,
  };
}

function planNodes(
  spec: ImageInspection['spec'],
  users: readonly PodRecord[],
  context: ControllerContext,
): EligibleNodes {
  const nodes = users.length === 0 ? context.eligibleNodes(plainPod) : eligibleNodesOf(users, context);
  const { platforms = [] } = spec;
  if (platforms.length === 0) return nodes;
  const required = platforms.map((each) => eligiblePlatform(parsePlatform(each), 'strict'));
  return withRequiredPlatforms(required, nodes, context.defaultGroup);
}

/** Returns the credentials of the spec; an empty service account stands for none. */
function specCredentials({ serviceAccountName, imagePullSecrets }: ImageInspection['spec']): CredentialSet {
  return {
    serviceAccount: serviceAccountName ?? '',
    pullSecrets: (imagePullSecrets ?? []).map(({ name }) => name),
  };
}

/** Merges all uses into the strictest one. */
function strictestUse(image: string, uses: readonly UsedImage[]): ImageUse {
  return {
    container: 'image',
    kind: strictestValue<UseKind>(uses, ({ kind }) => kind, ['volume', 'ephemeral', 'init', 'container']),
    pointer: '',
    image,
    pullPolicy: strictestValue<PullPolicy>(uses, ({ pullPolicy }) => pullPolicy, [
      'Never',
      'IfNotPresent',
      'Always',
    ]),
  };
}

/** Returns the last value of `order` that a use has; without uses, the last one. */
function strictestValue<T>(uses: readonly UsedImage[], of: (use: UsedImage) => T, order: readonly T[]): T {
  const had = new Set(uses.map(of));
  const found = order.findLast((each) => had.has(each)) ?? order.at(-1);
  if (found === undefined) throw new Error('the order of values is empty');
  return found;
}

function digestOrNone(running: RunningDigest | null): readonly Digest[] {
  return running === null || running === 'unknown' ? [] : [running];
}
