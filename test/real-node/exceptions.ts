/** The one reviewed list of rows where verdict and node may differ, each with its reason. */
import type { RuntimeLine } from '../kit/node/real-node.ts';

export interface Exception {
  readonly kind: 'reasoned' | 'defect';
  readonly rows: readonly string[];
  /** All when absent. */
  readonly runtimes?: readonly RuntimeLine[];
  readonly reason: string;
}

export const exceptions: readonly Exception[] = [];
