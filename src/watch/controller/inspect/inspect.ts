/** Inspection of the image of one ImageInspection, once for each credential set. */
import type { Subject } from '../../../judge/subject.ts';
import { type PodContext, standalone } from '../../../judge/cluster-context.ts';
import type { ImageVerdict } from '../../../judge/results.ts';
import type { Credentials } from '../../../resolve/credentials/credential.ts';
import { deadlineIn } from '../../../util/async/deadline.ts';
import type { Inspection } from '../../../resolve/inspection/inspection.ts';
import type { PartsReport } from '../../../resolve/parts/part.ts';
import type { Digest } from '../../../resolve/reference/digest.ts';
import { InvalidReference } from '../../../resolve/reference/error.ts';
import { clean } from '../../../util/text/text.ts';
import type { PlanCredentials, ControllerContext } from './context.ts';
import { objectVerdict } from './object-verdict.ts';
import { checkParts } from './check-parts.ts';
import type { InspectionPlan } from './plan.ts';
import type { AssessedSet, ContentRelation } from '../status/inputs.ts';
import { inspectionOf } from '../status/credentials.ts';
import { compareContents } from './compare-contents.ts';
import type { CredentialSet } from '../../cluster/lookups/credential-sets.ts';

export interface SetResults {
  readonly sets: readonly AssessedSet[];
  /** Results of all endpoints, with `compareEndpoints`; null otherwise. */
  readonly comparison: Inspection | null;
  /** Results for the parts of the image with `deep`, one for each mirror list. */
  readonly parts: readonly PartsReport[];
  /** Digests that the tag has for node groups other than the reported one. */
  readonly otherGroupDigests: readonly Digest[];
  /** Relations of the digests in use that the tag does not name to the image that it names. */
  readonly contentRelations: ReadonlyMap<Digest, ContentRelation>;
  /**
   * Reason why the results must not be used, which is that Pratique itself omitted requests; null if they can
   * be used.
   */
  readonly deferReason: string | null;
}

// Time limit of one inspection. No client waits for it; `registry.resolutionTimeout` ends a resolution
// earlier.
const maxInspectionMs = 60_000;

/** Inspects the image with each credential set. Rejects when `signal` aborts. */
export async function inspectSets(
  plan: InspectionPlan,
  context: ControllerContext,
  signal: AbortSignal,
): Promise<SetResults> {
  const inspections = await Promise.all(plan.sets.map(async (set) => inspectSet(set, plan, context, signal)));
  signal.throwIfAborted();
  const [first] = inspections;
  const credentials = first?.credentials ?? null;
  const sets = inspections.map(({ assessed }) => assessed);
  const otherGroups = credentials === null ? [] : inspectionsOfGroups(plan, credentials);
  const current = currentInspections(plan, sets, otherGroups);
  return {
    sets,
    comparison: await compareEndpoints(plan, credentials, context, signal),
    parts: await checkParts(
      plan,
      { credentials, inspection: first?.assessed.verdict.inspection ?? null },
      context,
      signal,
    ),
    otherGroupDigests: otherGroups.flatMap(({ digest }) => digest ?? []),
    contentRelations: await relateDigests(plan, current, credentials, context, signal),
    deferReason: inspections.map(({ deferReason }) => deferReason).find((each) => each !== null) ?? null,
  };
}

interface SetInspection {
  readonly assessed: AssessedSet;
  /** null if no endpoint needs to be queried with them. */
  readonly credentials: PlanCredentials | null;
  readonly deferReason: string | null;
}

async function inspectSet(
  set: CredentialSet,
  plan: InspectionPlan,
  context: ControllerContext,
  signal: AbortSignal,
): Promise<SetInspection> {
  const rejected = await rejectUnlistedSecret(set, plan, context);
  if (rejected !== null) {
    return { assessed: { credentials: set, verdict: rejected }, credentials: null, deferReason: null };
  }
  const found = await context.credentials(credentialSource(set, plan.namespace));
  const { images } = await context.judge.judge({
    subject: subjectOf(plan),
    podContext: podContext(set, plan, found, context),
    deadline: deadlineIn(maxInspectionMs, signal),
    purpose: 'background',
  });
  const [verdict] = images;
  if (!verdict) throw new Error('the judge returned no verdict for the image');
  return {
    assessed: { credentials: set, verdict: objectVerdict(verdict, plan) },
    credentials: found,
    deferReason: deferReasonOf(verdict),
  };
}

function subjectOf({ namespace, use }: InspectionPlan): Subject {
  const uses = [use];
  const workload = {
    kind: 'Pod',
    namespace,
    name: '',
    template: true,
    pointer: '',
    pod: {},
    isSuspended: false,
    uses,
    hasTooManyImages: false,
  };
  return { workload, namespace, uses, final: true, imagesOnly: false, old: null };
}

function podContext(
  set: CredentialSet,
  { namespace, nodes }: InspectionPlan,
  { credentials, unreadable, absent, names }: PlanCredentials,
  { labels, lastKnown }: ControllerContext,
): PodContext {
  const requester = { ...set, namespace, pullSecretNames: names };
  return {
    // No pod is admitted here, so there is no client to warn.
    ...standalone(credentials, nodes.eligibleGroups),
    unreadableSecret: unreadable,
    absentSecrets: absent,
    labels: labels(namespace),
    isOnNode: (reference) => nodes.isOnNode(reference),
    lastKnown: (reference, now) => lastKnown(requester, reference, now),
  };
}

function credentialSource({ serviceAccount, pullSecrets }: CredentialSet, namespace: string) {
  return { namespace, pullSecrets, serviceAccount: serviceAccount === '' ? null : serviceAccount };
}

/** Returns a reason to defer if the result is only due to Pratique's own limits; null otherwise. */
function deferReasonOf({ result, inspection }: ImageVerdict): string | null {
  const isSpared = inspection?.attempts.some(({ reason }) => reason === 'RateLimitReserve') ?? false;
  return result === 'unavailable' && isSpared
    ? 'the rest of the rate limit is reserved for admissions'
    : null;
}

/**
 * Rejects secrets of a user-created object that its service account does not list. Returns null if all are
 * listed.
 */
async function rejectUnlistedSecret(
  set: CredentialSet,
  { namespace, usesSpecCredentials, use, reference, policy }: InspectionPlan,
  context: ControllerContext,
): Promise<ImageVerdict | null> {
  if (!usesSpecCredentials || set.pullSecrets.length === 0 || context.settings.allowSecretRefs) return null;
  const account = await context.credentials({ ...credentialSource(set, namespace), pullSecrets: [] });
  const listed = new Set(account.names);
  const secret = set.pullSecrets.find((name) => !listed.has(name));
  if (secret === undefined) return null;
  // The list is unknown, so a retry is better than a wrong result.
  if (account.unreadable !== null) throw new Error(account.unreadable);
  return {
    use,
    reference: reference instanceof InvalidReference ? null : reference,
    policy,
    result: 'not-checked',
    reason: 'SecretNotListed',
    decision: 'allow',
    fit: 'all',
    missingPlatforms: [],
    inspection: null,
    pinned: use.image,
    where: '',
    message: `is not checked: the service account "${clean(set.serviceAccount, 63)}" does not list the pull secret "${clean(secret, 63)}"; add it to its imagePullSecrets, or set controller.allowSecretRefs`,
    notes: [],
  };
}

/** Queries all endpoints, but only if that is enabled, because it costs requests at every endpoint. */
async function compareEndpoints(
  { reference, nodes }: InspectionPlan,
  found: PlanCredentials | null,
  { settings, defaultGroup }: ControllerContext,
  signal: AbortSignal,
): Promise<Inspection | null> {
  if (!settings.compareEndpoints || found === null || reference instanceof InvalidReference) return null;
  const { inspector } = nodes.eligibleGroups[0]?.group ?? defaultGroup;
  return await inspector.inspect({
    reference,
    credentials: found.credentials.forReference(reference),
    deadline: deadlineIn(maxInspectionMs, signal),
    purpose: 'background',
    allEndpoints: true,
  });
}

/** Returns the inspections of all node groups from the results just obtained, one for each digest. */
function inspectionsOfGroups(
  { reference, nodes }: InspectionPlan,
  { credentials }: PlanCredentials,
): readonly Inspection[] {
  if (reference instanceof InvalidReference || nodes.eligibleGroups.length < 2) return [];
  const ownCredentials: Credentials = credentials.forReference(reference);
  const inspectors = new Set(nodes.eligibleGroups.map(({ group }) => group.inspector));
  return distinctByDigest([...inspectors].flatMap((each) => each.peek(reference, ownCredentials) ?? []));
}

function currentInspections(
  { reference }: InspectionPlan,
  sets: readonly AssessedSet[],
  otherGroups: readonly Inspection[],
): readonly Inspection[] {
  return distinctByDigest([...sets.flatMap((set) => inspectionOf(set, reference) ?? []), ...otherGroups]);
}

function distinctByDigest(inspections: readonly Inspection[]): readonly Inspection[] {
  const found = inspections.filter(({ digest }) => digest !== null);
  return [...new Map(found.map((inspection) => [inspection.digest, inspection])).values()];
}

/**
 * Requests manifests by digest only for digests that the tag does not name, which exist only after the tag
 * has moved.
 */
async function relateDigests(
  { reference, nodes, inUse }: InspectionPlan,
  current: readonly Inspection[],
  found: PlanCredentials | null,
  { defaultGroup }: ControllerContext,
  signal: AbortSignal,
): Promise<ReadonlyMap<Digest, ContentRelation>> {
  if (found === null || reference instanceof InvalidReference || reference.digest !== null) return new Map();
  const eligible = nodes.eligibleGroups.map((group) => group.eligible);
  return await compareContents(inUse, current, {
    inspector: nodes.eligibleGroups[0]?.group.inspector ?? defaultGroup.inspector,
    reference,
    credentials: found.credentials.forReference(reference),
    deadline: deadlineIn(maxInspectionMs, signal),
    platforms: eligible.includes(null) ? null : eligible.flatMap((platforms) => platforms ?? []),
  });
}
