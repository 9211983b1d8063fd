/**
 * Record of a pod, or of the pods that a template creates. It is small, because twenty thousand of them must
 * fit into memory.
 */
import type { PullPolicy, UseKind } from '../../../judge/workload/image-use.ts';
import type { Fields } from '../../../util/unstructured.ts';
import type { Digest } from '../../../resolve/reference/digest.ts';

/** Owner whose earlier digests a pod uses. Its identity changes only with the template. */
export interface Owner {
  /** One of `ReplicaSet`, `Job`, `ReplicationController`, `StatefulSet`, `DaemonSet`. */
  readonly kind: string;
  readonly name: string;
  /**
   * UID of the owner; `UID/REVISION` for a StatefulSet or DaemonSet, whose UID survives changes of the
   * template.
   */
  readonly uid: string;
}

export type RunningDigest = Digest | 'unknown';

export interface UsedImage {
  /** Container name, or `volume:NAME`. */
  readonly container: string;
  readonly kind: UseKind;
  readonly pullPolicy: PullPolicy;
  /** Image in the pod's spec. */
  readonly image: string;
  /** Image before Pratique pinned it (accepted only for the same repository); otherwise equal to `image`. */
  readonly original: string;
  /**
   * Digest that the container runs, from `imageID`; null if it runs nothing. `unknown` if the ID belongs to
   * another repository, which says nothing about this one, or is not the digest of a manifest.
   */
  readonly running: RunningDigest | null;
}

export interface PodRecord {
  /** Kind of the object: `Pod`, or that of the workload that has the template. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Creation time in milliseconds since the epoch. */
  readonly createdAt: number;
  /** null if no earlier digests are recorded for the pod's owner. */
  readonly owner: Owner | null;
  /**
   * Controller from the owner references, for Events and counts. It is a ReplicaSet for pods of a Deployment.
   */
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
  /** True if the pod succeeded, failed, or is being deleted, so that it no longer uses its images. */
  readonly isFinished: boolean;
  /**
   * Fields that decide where the pod may run: `{ spec: { nodeName, nodeSelector, affinity.nodeAffinity,
   * tolerations, os, runtimeClassName } }`. Pods with equal fields share one object.
   */
  readonly scheduling: Fields;
}
