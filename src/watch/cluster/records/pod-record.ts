/** Record of a pod, or of the pods that a template creates. Small: twenty thousand of them must fit into memory. */
import type { PullPolicy, UseKind } from '../../../judge/workload/image-use.ts';
import type { Fields } from '../../../util/unstructured.ts';
import type { Digest } from '../../../resolve/reference/digest.ts';

/** The owner whose earlier digests a pod uses. Its identity changes only with the template. */
export interface Owner {
  /** One of `ReplicaSet`, `Job`, `ReplicationController`, `StatefulSet`, `DaemonSet`. */
  readonly kind: string;
  readonly name: string;
  /** The owner's UID; `UID/REVISION` for a StatefulSet or DaemonSet, whose UID survives changes of the template. */
  readonly uid: string;
}

export type RunningDigest = Digest | 'unknown';

export interface UsedImage {
  /** Container name, or `volume:NAME`. */
  readonly container: string;
  readonly kind: UseKind;
  readonly pullPolicy: PullPolicy;
  /** The image in the pod's spec. */
  readonly image: string;
  /** The image before Pratique pinned it (accepted only for the same repository); otherwise equal to `image`. */
  readonly original: string;
  /**
   * What the container runs, from `imageID`; null if it runs nothing. `unknown` if the ID is of another repository, which says
   * nothing about this one, or is not a manifest's digest.
   */
  readonly running: RunningDigest | null;
}

export interface PodRecord {
  /** `Pod`, or the kind of the workload that has the template. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** null if no earlier digests are remembered for it. */
  readonly owner: Owner | null;
  /** The controller from the owner references, for Events and counts. It is a ReplicaSet for pods of a Deployment. */
  readonly controller: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
    readonly uid: string;
  } | null;
  readonly serviceAccount: string;
  readonly pullSecrets: readonly string[];
  readonly images: readonly UsedImage[];
  /** True if the pod has the annotation `pratique.dev/verdict`. */
  readonly hasVerdict: boolean;
  /** True if the pod has the label `pratique.dev/skip: "true"`. */
  readonly hasSkipLabel: boolean;
  /** True for the mirror pod of a static pod. */
  readonly isStaticPod: boolean;
  /** True if it succeeded, failed, or is being deleted: it no longer uses its images. */
  readonly isFinished: boolean;
  /** The fields that decide where the pod may run: `{ spec: { nodeName, nodeSelector, affinity.nodeAffinity, tolerations, os, runtimeClassName } }`. Equal ones share one object. */
  readonly scheduling: Fields;
}
