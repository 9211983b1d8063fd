/** Inputs for tests of the status; by default an available image without users. */
import * as fakes from '../../../../kit/fakes/inspections.ts';
import { referenceIn } from '../../../../../src/judge/image/references.ts';
import type { ImageVerdict } from '../../../../../src/judge/results.ts';
import type { Attempt, Inspection } from '../../../../../src/resolve/inspection/inspection.ts';
import { type Digest, digestOf } from '../../../../../src/resolve/reference/digest.ts';
import { InvalidReference } from '../../../../../src/resolve/reference/error.ts';
import { type ConditionType, conditionOf } from '../../../../../src/watch/api/conditions.ts';
import type { Condition } from '../../../../../src/watch/api/items.ts';
import type { ImageInspection } from '../../../../../src/watch/api/parse-inspection.ts';
import type { Status } from '../../../../../src/watch/api/schema.ts';
import type { PodRecord, RunningDigest } from '../../../../../src/watch/cluster/records/pod-record.ts';
import { buildStatus } from '../../../../../src/watch/controller/status/build-status.ts';
import type { AssessedSet, StatusInputs } from '../../../../../src/watch/controller/status/inputs.ts';
import { defaults } from '../../../judge/policies-of.ts';
import { inspectionOf } from '../../../judge/scripted-inspector.ts';
import { record } from '../records.ts';

export const noon = Date.UTC(2026, 0, 2, 12);

/** Returns the digest of a name. */
export function digest(name: string): Digest {
  return digestOf('sha256', Buffer.from(name));
}

export function object(changes: Partial<ImageInspection> = {}): ImageInspection {
  return {
    namespace: 'shop',
    name: 'nginx-1.27-0123456789',
    uid: 'uid-object',
    resourceVersion: '1',
    generation: 1,
    createdAt: noon,
    isManaged: true,
    isBeingDeleted: false,
    inspectNow: '',
    spec: { image: 'nginx:1.27' },
    status: null,
    ...changes,
  };
}

export function verdict(changes: Partial<ImageVerdict> & { readonly image?: string } = {}): ImageVerdict {
  const { image = 'nginx:1.27', ...rest } = changes;
  const reference = referenceIn(image);
  return {
    use: { container: 'web', kind: 'container', pointer: '', image, pullPolicy: 'Always' },
    reference: reference instanceof InvalidReference ? null : reference,
    policy: defaults,
    result: 'available',
    reason: null,
    decision: 'allow',
    fit: 'all',
    missingPlatforms: [],
    inspection: reference instanceof InvalidReference ? null : inspectionOf(image),
    pinned: image,
    where: '',
    message: '',
    notes: [],
    ...rest,
  };
}

export function judged(changes: Parameters<typeof verdict>[0] = {}, ...pullSecrets: string[]): AssessedSet {
  return { credentials: { serviceAccount: 'default', pullSecrets }, verdict: verdict(changes) };
}

export function seen(changes: Partial<Inspection> = {}, image = 'nginx:1.27'): AssessedSet {
  return judged({ image, inspection: inspectionOf(image, changes) });
}

export function inputs(changes: Partial<StatusInputs> & { readonly image?: string } = {}): StatusInputs {
  const { image = 'nginx:1.27', ...rest } = changes;
  return {
    object: object({ spec: { image } }),
    reference: referenceIn(image),
    sets: [judged({ image })],
    users: [],
    comparison: null,
    ownerExists: () => false,
    now: noon,
    ...rest,
  };
}

/** Returns the next status after `before`. */
export function after(before: Status, changes: Parameters<typeof inputs>[0] = {}): Status {
  const made = inputs(changes);
  return buildStatus({ ...made, object: { ...made.object, status: before } });
}

export function condition(status: Status, type: ConditionType): Condition {
  const found = conditionOf(status, type);
  if (!found) throw new Error(`there is no condition ${type}`);
  return found;
}

export function attempt(changes: Partial<Attempt> = {}): Attempt {
  return fakes.attempt({
    endpoint: 'https://mirror.corp/v2',
    digest: digest('nginx'),
    message: 'answered 200',
    durationMs: 7,
    ...changes,
  });
}

interface Running {
  readonly image?: string;
  readonly pinned?: Digest;
  readonly running?: RunningDigest;
  readonly owner?: string;
}

/** Returns a pod of the ReplicaSet `owner`. */
export function running(
  name: string,
  { image = 'nginx:1.27', pinned, running, owner = 'rs-1' }: Running,
  changes: Parameters<typeof record>[0] = {},
): PodRecord {
  return record({
    name,
    owner: { kind: 'ReplicaSet', name: owner, uid: `uid-${owner}` },
    controller: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: `uid-${owner}` },
    images: [
      {
        container: 'web',
        original: image,
        image: pinned ? `${image}@${pinned}` : image,
        running: running ?? null,
      },
    ],
    ...changes,
  });
}
