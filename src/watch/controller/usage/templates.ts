/** Informers of the workloads that have pod templates. Only the leader runs them. */
import { uidWithoutRevision } from '../../cluster/records/pod-owner.ts';
import type { PodRecord } from '../../cluster/records/pod-record.ts';
import type { InternPools } from '../../cluster/records/projection.ts';
import { type BuiltinTemplateKind, projectTemplate } from '../../cluster/records/template-projection.ts';
import type { KubernetesApi } from '../../kubernetes/api.ts';
import {
  Reflector,
  type ReflectorObserver,
  type ReflectorTimes,
} from '../../kubernetes/informer/reflector.ts';
import {
  cronJobs,
  daemonSets,
  deployments,
  jobs,
  type Resource,
  replicaSets,
  statefulSets,
} from '../../kubernetes/resource.ts';
import type { Change } from '../../kubernetes/informer/store.ts';

export interface TemplateInformersOptions {
  readonly api: KubernetesApi;
  readonly shared: InternPools;
  readonly observer?: ReflectorObserver;
  readonly times?: Partial<ReflectorTimes>;
}

const resources: Readonly<Record<BuiltinTemplateKind, Resource>> = {
  Deployment: deployments,
  ReplicaSet: replicaSets,
  StatefulSet: statefulSets,
  DaemonSet: daemonSets,
  Job: jobs,
  CronJob: cronJobs,
};

export class TemplateInformers {
  readonly #reflectors: readonly Reflector<PodRecord>[];
  readonly #uids = new Set<string>();

  constructor({ api, shared, observer, times }: TemplateInformersOptions) {
    this.#reflectors = (Object.keys(resources) as BuiltinTemplateKind[]).map(
      (kind) =>
        new Reflector<PodRecord>({
          api,
          resource: resources[kind],
          project: (object) => projectTemplate(object, kind, shared),
          ...(observer && { observer }),
          ...(times && { times }),
        }),
    );
  }

  /** Returns whether the owner of pods (`Owner.uid`) still exists. */
  ownerExists(ownerUid: string): boolean {
    return this.#uids.has(uidWithoutRevision({ uid: ownerUid }));
  }

  /** Calls `listener` for each change; must be called before `run`. */
  subscribe(listener: (change: Change<PodRecord>) => void): void {
    for (const reflector of this.#reflectors) {
      reflector.subscribe((change) => {
        if (change.before) this.#uids.delete(change.before.uid);
        if (change.after) this.#uids.add(change.after.uid);
        listener(change);
      });
    }
  }

  /** Runs until `signal` aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.run(signal)));
  }

  /** Rejects if `signal` aborts before. */
  async synced(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.synced(signal)));
  }
}
