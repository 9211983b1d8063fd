/** What is kept of a pod, or of the pod that a template makes: twenty thousand of these must fit into memory. */
import type { PullPolicy, UseKind } from '../../../judge/workload/image-use.ts';
import type { Fields } from '../../../util/unstructured.ts';
import type { Digest } from '../../../resolve/reference/digest.ts';

/** Whose earlier digests a pod continues: what stays the same until its template changes (product.md, "Earlier digests"). */
export interface Owner {
  /** `ReplicaSet`, `Job`, `ReplicationController`, `StatefulSet`, `DaemonSet`. */
  readonly kind: string;
  readonly name: string;
  /** The owner's UID; of a StatefulSet or DaemonSet `UID/REVISION`, as their UID outlives changes of the template. */
  readonly uid: string;
}

export interface UsedImage {
  /** Container name, or `volume:NAME`. */
  readonly container: string;
  readonly kind: UseKind;
  readonly pullPolicy: PullPolicy;
  /** As the pod carries it. */
  readonly image: string;
  /** As it was before Pratique pinned it (believed only with the same repository); else `image`. */
  readonly original: string;
  /** What the container runs (`imageID`); null while it runs nothing or the ID names no digest of a manifest. */
  readonly running: Digest | null;
}

export interface PodRecord {
  /** `Pod`, or the kind of the workload whose template this is. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** null: its earlier digests are not remembered by anybody. */
  readonly owner: Owner | null;
  /** The workload that a person knows it by (`Deployment shop/web` is not known here, its ReplicaSet is): for events and counts. */
  readonly controller: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
    readonly uid: string;
  } | null;
  readonly serviceAccount: string;
  readonly pullSecrets: readonly string[];
  readonly images: readonly UsedImage[];
  /** Has the annotation `pratique.dev/verdict`. */
  readonly hasVerdict: boolean;
  /** Asks not to be judged (`pratique.dev/skip: "true"`). */
  readonly optsOut: boolean;
  /** A mirror pod of a static one. */
  readonly isMirror: boolean;
  /** Succeeded, failed, or being deleted: it uses its images no longer. */
  readonly isOver: boolean;
  /** Metadata-free pod, reduced to what decides where it may run: `{ spec: { nodeName, nodeSelector, affinity.nodeAffinity, tolerations, os, runtimeClassName } }`; equal ones share one object. */
  readonly scheduling: Fields;
}
