/** The workloads that a person knows the users of an image by: a Deployment, not its ReplicaSets and pods. */
import type { PodRecord } from '../../../cluster/records/pod-record.ts';
import { isLive } from '../uses.ts';

export interface WorkloadName {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

// Pod, ReplicaSet, Deployment; or Pod, Job, CronJob.
const maxSteps = 4;

/** Each once, by name. A pod without a controller stands for itself. */
export function workloadsOf(users: readonly PodRecord[]): readonly WorkloadName[] {
  const records = new Map(users.map((user) => [user.uid, user]));
  const tops = users.filter(({ isFinished }) => !isFinished).map((user) => topOf(user, records));
  const distinct = new Map(tops.map((top) => [`${top.kind} ${top.name} ${top.uid}`, top]));
  return [...distinct.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, top]) => top);
}

export function usedBy(users: readonly PodRecord[]): { readonly pods: number; readonly workloads: number } {
  return { pods: users.filter(isLive).length, workloads: workloadsOf(users).length };
}

function topOf(user: PodRecord, records: ReadonlyMap<string, PodRecord>): WorkloadName {
  let top: WorkloadName = { apiVersion: apiVersionOf(user.kind), ...user };
  let above = user.controller;
  for (let step = 0; above && step < maxSteps; step++) {
    if (above.uid === top.uid) break;
    top = { ...above, namespace: user.namespace };
    above = records.get(above.uid)?.controller ?? null;
  }
  const { apiVersion, kind, namespace, name, uid } = top;
  return { apiVersion, kind, namespace, name, uid };
}

/** Of the kinds that have records of their own. */
function apiVersionOf(kind: string): string {
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
