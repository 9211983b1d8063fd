/**
 * Live node, reduced to what image checks need: where pods may be scheduled, and which images the node has.
 */
import type { Platform } from '../../resolve/platform/platform.ts';

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

export interface ClusterNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Taints, without those that come and go with the node's health (cordoned, not ready, under pressure). */
  readonly taints: readonly Taint[];
  readonly platform: Platform;
  /** Runtime such as `containerd://2.1.0` or `cri-o://1.33.0`; '' if the node does not report it. */
  readonly runtime: string;
  /** Names of the images that the node has (`status.images`), as the node writes them. */
  readonly images: readonly string[];
}

/** Scheduling part of a Kubernetes RuntimeClass. */
export interface RuntimeClass {
  readonly name: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly unknown[];
}

/** All current nodes. `version` grows with every change. */
export interface ClusterNodes {
  readonly version: number;
  get(name: string): ClusterNode | undefined;
  values(): IterableIterator<ClusterNode>;
}
