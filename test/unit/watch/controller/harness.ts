/** Reconciler with objects in memory, scripted inspections and fake timers. */
import type { PartsReport } from '../../../../src/resolve/parts/part.ts';
import { Semaphore } from '../../../../src/util/async/semaphore.ts';
import { Judge } from '../../../../src/judge/judge.ts';
import { eligiblePlatform } from '../../../../src/judge/nodes/fit.ts';
import type { EligibleGroup } from '../../../../src/judge/nodes/group.ts';
import type { PolicyConfig } from '../../../../src/judge/policy/schema.ts';
import { referenceIn } from '../../../../src/judge/image/references.ts';
import { anonymous } from '../../../../src/resolve/credentials/credential.ts';
import type { Inspection, InspectRequest } from '../../../../src/resolve/inspection/inspection.ts';
import { parsePlatform } from '../../../../src/resolve/platform/parse.ts';
import { digestOf } from '../../../../src/resolve/reference/digest.ts';
import { canonical } from '../../../../src/resolve/reference/format.ts';
import type { ImageInspection } from '../../../../src/watch/api/parse-inspection.ts';
import type { PodRecord } from '../../../../src/watch/cluster/records/pod-record.ts';
import type { CredentialSource } from '../../../../src/watch/cluster/lookups/secrets.ts';
import type { PlanCredentials, ControllerContext } from '../../../../src/watch/controller/inspect/context.ts';
import type { ControllerObserver } from '../../../../src/watch/controller/observer.ts';
import { Reconciler } from '../../../../src/watch/controller/reconciler.ts';
import type { WorkloadEvent } from '../../../../src/watch/controller/status/events/events.ts';
import { UsageIndex } from '../../../../src/watch/controller/usage/usage-index.ts';
import { InspectionWriter } from '../../../../src/watch/controller/objects/writer.ts';
import { groupOf } from '../../judge/eligible-groups.ts';
import { policiesOf } from '../../judge/policies-of.ts';
import { inspectionOf } from '../../judge/scripted-inspector.ts';
import { FakeTimers } from './fake-timers.ts';
import { MemoryObjects } from './memory-objects.ts';

export const start = Date.parse('2026-03-01T12:00:00Z');

const wholeImage: PartsReport = {
  result: 'available',
  reason: null,
  message: '',
  parts: [],
  missing: 0,
  unknown: 0,
  missingPlatforms: [],
  warnings: [],
  attempts: [],
};

export class ReconcilerHarness {
  readonly timers = new FakeTimers(start);
  readonly api = new MemoryObjects();
  readonly usages = new UsageIndex({ referenceIn });
  readonly events: WorkloadEvent[] = [];
  readonly inspected: string[] = [];
  readonly results: string[] = [];
  readonly deferrals: string[] = [];
  readonly nameConflicts: string[] = [];
  readonly owners = new Set<string>();
  /** What registries say, by image as `canonical` writes it. */
  readonly inspections = new Map<string, Partial<Inspection>>();
  platforms: readonly string[] = ['linux/amd64', 'linux/arm64'];
  policy: Partial<PolicyConfig> = { mode: 'warn' };
  settings = {
    intervalMs: 1_800_000,
    workers: 4,
    compareEndpoints: false,
    deep: false,
    allowSecretRefs: false,
  };
  /** What the parts of every image come to; images whose parts were looked for. */
  parts: Partial<PartsReport> = {};
  readonly checked: string[] = [];
  version = 1;
  /** Names of pods that admission should have pinned. */
  readonly unpinned = new Set<string>();
  /** Registries answer after it. */
  responseDelay: Promise<void> = Promise.resolve();
  /** Service account → secrets that it lists. */
  readonly lists = new Map<string, readonly string[]>();
  readonly read: CredentialSource[] = [];
  reconciler: Reconciler;
  readonly #signal = new AbortController();
  readonly #pods = new Map<string, PodRecord>();

  constructor() {
    this.reconciler = this.newLeader();
  }

  /** Another one, who remembers nothing. */
  newLeader(): Reconciler {
    const { api, timers, events, owners } = this;
    this.reconciler = new Reconciler({
      writer: new InspectionWriter(api),
      objects: api,
      usages: this.usages,
      context: () => this.context(),
      ownerExists: (uid) => owners.has(uid),
      isUnpinned: (pod) => this.unpinned.has(pod.name),
      emit: (event) => events.push(event),
      observer: this.#observer(),
      timers,
      random: () => 0.5,
    });
    return this.reconciler;
  }

  addUser(user: PodRecord): void {
    const before = this.#pods.get(user.uid);
    this.usages.apply({ before, after: user });
    this.#pods.set(user.uid, user);
  }

  removeUser(user: PodRecord): void {
    this.usages.apply({ before: this.#pods.get(user.uid), after: undefined });
    this.#pods.delete(user.uid);
  }

  key(image: string, namespace = 'shop'): string {
    return this.usages.imageKey(namespace, image);
  }

  /** Once, and then the store hears of what was written. */
  async reconcile(key: string): Promise<number | null> {
    try {
      return await this.reconciler.reconcile(key, this.#signal.signal);
    } finally {
      this.api.settle();
    }
  }

  object(key: string): ImageInspection {
    this.api.settle();
    const object = this.api.get(key);
    if (!object) throw new Error(`${key} is not there`);
    return object;
  }

  context(): ControllerContext {
    const policies = policiesOf(this.policy);
    return {
      version: this.version,
      judge: new Judge(policies),
      settings: this.settings,
      defaultGroup: groupOf(this.#inspector),
      partsChecker: {
        check: ({ reference }) => {
          this.checked.push(canonical(reference));
          return Promise.resolve({ ...wholeImage, ...this.parts });
        },
      },
      partsCheckTurn: new Semaphore(1),
      labels: () => ({}),
      eligibleNodes: () => ({ eligibleGroups: this.#eligibleGroups(), isOnNode: () => false }),
      credentials: (names) => this.#credentials(names),
      lastKnown: () => null,
    };
  }

  readonly #inspector = {
    peek: () => null,
    inspect: async ({ reference, allEndpoints }: InspectRequest): Promise<Inspection> => {
      const image = canonical(reference);
      this.inspected.push(allEndpoints ? `${image} everywhere` : image);
      await this.responseDelay;
      const inspection = inspectionOf(image, {
        inspectedAt: this.timers.now(),
        ...this.inspections.get(image),
      });
      return { ...inspection, ...contentsOf(inspection) };
    },
  };

  #eligibleGroups(): readonly EligibleGroup[] {
    const eligible = this.platforms.map((each) => eligiblePlatform(parsePlatform(each), 'strict'));
    return eligible.length === 0 ? [] : [{ group: groupOf(this.#inspector), eligible }];
  }

  #credentials(names: CredentialSource): PlanCredentials {
    this.read.push(names);
    const listed = names.serviceAccount === null ? [] : (this.lists.get(names.serviceAccount) ?? []);
    return {
      credentials: anonymous,
      names: names.pullSecrets.length > 0 ? names.pullSecrets : listed,
      absent: [],
      unreadable: null,
    };
  }

  #observer(): ControllerObserver {
    const nothing = () => {};
    return {
      leadingChanged: nothing,
      synced: nothing,
      created: nothing,
      removed: nothing,
      reconcileFailed: nothing,
      admissionMissed: nothing,
      podsSkipped: nothing,
      podsUnpinned: nothing,
      images: nothing,
      queueDepthChanged: nothing,
      resultChanged: (_object, before, { result }) =>
        this.results.push(`${before?.result ?? 'new'} → ${result}`),
      deferred: (_object, why) => this.deferrals.push(why),
      nameConflict: ({ name }, hidden) => this.nameConflicts.push(`${name}: ${hidden}`),
    };
  }
}

/** A single manifest whose configuration is its own: images of different digests have different content. */
function contentsOf({ digest }: Inspection): Pick<Inspection, 'contents'> {
  if (digest === null) return {};
  const config = digestOf('sha256', Buffer.from(`configuration of ${digest}`));
  return { contents: [{ manifest: digest, platform: null, config }] };
}
