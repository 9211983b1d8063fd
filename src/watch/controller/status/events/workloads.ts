/** Top-level workloads of the users of an image: a Deployment instead of its ReplicaSets and pods. */
import type { PodRecord } from '../../../cluster/records/pod-record.ts';
import { limits } from '../../../api/fields.ts';
import { isActivePod } from '../uses.ts';

export interface WorkloadReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

// Limit of owners above a pod, for example Pod, ReplicaSet, Deployment; or Pod, Job, CronJob.
const maxSteps = 4;

/** Returns each workload once, sorted by name. A pod without a controller stands for itself. */
export function workloadsOf(users: readonly PodRecord[]): readonly WorkloadReference[] {
  const records = new Map(users.map((user) => [user.uid, user]));
  const tops = users.filter(({ isFinished }) => !isFinished).map((user) => topLevelOwner(user, records));
  const distinct = new Map(tops.map((top) => [`${top.kind} ${top.name} ${top.uid}`, top]));
  return [...distinct.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, top]) => top);
}

export interface UserCounts {
  readonly pods: number;
  readonly workloads: number;
  /** Names of the first workloads, as `Kind/name`. */
  readonly names: readonly string[];
}

export function countUsers(users: readonly PodRecord[]): UserCounts {
  const workloads = workloadsOf(users);
  return {
    pods: users.filter(isActivePod).length,
    workloads: workloads.length,
    names: workloads.slice(0, limits.names).map(({ kind, name }) => `${kind}/${name}`.slice(0, 320)),
  };
}

function topLevelOwner(user: PodRecord, records: ReadonlyMap<string, PodRecord>): WorkloadReference {
  let top: WorkloadReference = { apiVersion: apiVersionOfKind(user.kind), ...user };
  let controller = user.controller;
  for (let step = 0; controller && step < maxSteps; step++) {
    if (controller.uid === top.uid) break;
    top = { ...controller, namespace: user.namespace };
    controller = records.get(controller.uid)?.controller ?? null;
  }
  const { apiVersion, kind, namespace, name, uid } = top;
  return { apiVersion, kind, namespace, name, uid };
}

/** Returns the apiVersion of the kinds that have records. */
function apiVersionOfKind(kind: string): string {
  switch (kind) {
    case 'Job':
    case 'CronJob':
      return 'batch/v1';
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'DaemonSet':
      return 'apps/v1';
    default:
      return 'v1';
  }
}
