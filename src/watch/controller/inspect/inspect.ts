/** Asks registries for one ImageInspection: the image judged with every set of credentials. What becomes of the answers is the reconciler's. */
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
import type { FoundCredentials, ControllerContext } from './context.ts';
import { checkParts } from './parts.ts';
import type { InspectionPlan } from './plan.ts';
import type { AssessedSet } from '../status/inputs.ts';
import type { CredentialSet } from '../../cluster/lookups/credential-sets.ts';

export interface SetResults {
  readonly sets: readonly AssessedSet[];
  /** With `compareEndpoints`. */
  readonly compared: Inspection | null;
  /** With `deep`: what the parts of the image come to, for each mirror list. */
  readonly parts: readonly PartsReport[];
  /** What the tag means for groups of nodes other than the one that is told. */
  readonly elsewhere: readonly Digest[];
  /** Why this is not to be believed: part of it was not asked, for a reason of ours. null: it is. */
  readonly doubt: string | null;
}

// Nobody waits; a resolution ends earlier by itself (`registry.resolutionTimeout`).
const patienceMs = 60_000;

/** Rejects when `signal` aborts. */
export async function inspectSets(
  question: InspectionPlan,
  inspecting: ControllerContext,
  signal: AbortSignal,
): Promise<SetResults> {
  const asked = await Promise.all(
    question.sets.map(async (set) => askWith(set, question, inspecting, signal)),
  );
  signal.throwIfAborted();
  const [first] = asked;
  const credentials = first?.credentials ?? null;
  return {
    sets: asked.map(({ judged }) => judged),
    compared: await compare(question, credentials, inspecting, signal),
    parts: await checkParts(
      question,
      { found: credentials, inspection: first?.judged.verdict.inspection ?? null },
      inspecting,
      signal,
    ),
    elsewhere: credentials === null ? [] : digestsOf(question, credentials),
    doubt: asked.map(({ doubt }) => doubt).find((each) => each !== null) ?? null,
  };
}

interface Asked {
  readonly judged: AssessedSet;
  /** null: nobody was to be asked with them. */
  readonly credentials: FoundCredentials | null;
  readonly doubt: string | null;
}

async function askWith(
  set: CredentialSet,
  question: InspectionPlan,
  inspecting: ControllerContext,
  signal: AbortSignal,
): Promise<Asked> {
  const refusal = await refusalOf(set, question, inspecting);
  if (refusal !== null) {
    return { judged: { credentials: set, verdict: refusal }, credentials: null, doubt: null };
  }
  const found = await inspecting.credentials(secretsOf(set, question.namespace));
  const { images } = await inspecting.judge.judge({
    subject: subjectOf(question),
    podContext: surroundingsOf(set, question, found, inspecting),
    deadline: deadlineIn(patienceMs, signal),
    purpose: 'background',
  });
  const [verdict] = images;
  if (!verdict) throw new Error('one image was to be judged, and none was');
  return { judged: { credentials: set, verdict }, credentials: found, doubt: doubtOf(verdict) };
}

function subjectOf({ namespace, use }: InspectionPlan): Subject {
  const uses = [use];
  const workload = { kind: 'Pod', namespace, name: '', template: true, pointer: '', pod: {}, uses };
  return { workload, namespace, uses, final: true, imagesOnly: false, old: null };
}

function surroundingsOf(
  set: CredentialSet,
  { namespace, reach }: InspectionPlan,
  { credentials, unreadable, absent, names }: FoundCredentials,
  { labels, recalled }: ControllerContext,
): PodContext {
  const asking = { ...set, namespace, pullSecretNames: names };
  return {
    // Nothing is admitted here, so nobody is to be told or warned.
    ...standalone(credentials, reach.eligibleGroups),
    unreadableSecret: unreadable,
    absentSecrets: absent,
    labels: labels(namespace),
    isOnNode: (reference) => reach.isOnNode(reference),
    lastKnown: (reference, now) => recalled(asking, reference, now),
  };
}

function secretsOf({ serviceAccount, pullSecrets }: CredentialSet, namespace: string) {
  return { namespace, pullSecrets, serviceAccount: serviceAccount === '' ? null : serviceAccount };
}

/** An answer that only our own restraint made what it is. */
function doubtOf({ result, inspection }: ImageVerdict): string | null {
  const isSpared = inspection?.attempts.some(({ reason }) => reason === 'RateLimitReserve') ?? false;
  return result === 'unavailable' && isSpared ? 'the last of a quota is kept for admissions' : null;
}

/** A person may name only what the service account may use anyway; else no secret is read. null: all is well. */
async function refusalOf(
  set: CredentialSet,
  { namespace, isNamed, use, reference, policy }: InspectionPlan,
  inspecting: ControllerContext,
): Promise<ImageVerdict | null> {
  if (!isNamed || set.pullSecrets.length === 0 || inspecting.settings.allowSecretRefs) return null;
  const own = await inspecting.credentials({ ...secretsOf(set, namespace), pullSecrets: [] });
  const listed = new Set(own.names);
  const secret = set.pullSecrets.find((name) => !listed.has(name));
  if (secret === undefined) return null;
  // Nobody knows what is listed: rather later than wrong.
  if (own.unreadable !== null) throw new Error(own.unreadable);
  return {
    use,
    reference: reference instanceof InvalidReference ? null : reference,
    policy,
    result: 'not-checked',
    reason: 'SecretNotListed',
    decision: 'allow',
    missingPlatforms: [],
    inspection: null,
    pinned: use.image,
    where: '',
    message: `is not checked: the service account "${clean(set.serviceAccount, 63)}" does not list the pull secret "${clean(secret, 63)}"; add it to its imagePullSecrets, or set controller.allowSecretRefs`,
    notes: [],
  };
}

/** Only asked for on request: it costs requests at every endpoint. */
async function compare(
  { reference, reach }: InspectionPlan,
  found: FoundCredentials | null,
  { settings, rest }: ControllerContext,
  signal: AbortSignal,
): Promise<Inspection | null> {
  if (!settings.compareEndpoints || found === null || reference instanceof InvalidReference) return null;
  const { inspector } = reach.eligibleGroups[0]?.group ?? rest;
  return await inspector.inspect({
    reference,
    credentials: found.credentials.forReference(reference),
    deadline: deadlineIn(patienceMs, signal),
    purpose: 'background',
    allEndpoints: true,
  });
}

/** Of every group of nodes, as the answers just given tell. */
function digestsOf(
  { reference, reach }: InspectionPlan,
  { credentials }: FoundCredentials,
): readonly Digest[] {
  if (reference instanceof InvalidReference || reach.eligibleGroups.length < 2) return [];
  const own: Credentials = credentials.forReference(reference);
  const inspectors = new Set(reach.eligibleGroups.map(({ group }) => group.inspector));
  const digests = [...inspectors].map((inspector) => inspector.peek(reference, own)?.digest ?? null);
  return [...new Set(digests)].filter((digest) => digest !== null);
}
