/** A live node as far as images and the pods that may land on it are concerned. */
import type { Platform } from '../../resolve/platform/platform.ts';

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

export interface ClusterNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Without those that come and go with the node's health (cordoned, not ready, under pressure). */
  readonly taints: readonly Taint[];
  readonly platform: Platform;
  /** `containerd://2.1.0`, `cri-o://1.33.0`; '' when it is not known. */
  readonly runtime: string;
  /** Names under which it holds images (`status.images`), as the node writes them. */
  readonly images: readonly string[];
}

/** Of the scheduling of a RuntimeClass. */
export interface RuntimeClass {
  readonly name: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly unknown[];
}

/** All nodes at this moment; `version` grows with every change. */
export interface ClusterNodes {
  readonly version: number;
  get(name: string): ClusterNode | undefined;
  values(): IterableIterator<ClusterNode>;
}
