/** The one reviewed list of rows where verdict and node differ: reasoned ones stay, defects are to go. */
import type { RuntimeLine } from '../kit/node/real-node.ts';

export interface Exception {
  readonly kind: 'reasoned' | 'defect';
  readonly rows: readonly string[];
  /** All when absent. */
  readonly runtimes?: readonly RuntimeLine[];
  readonly reason: string;
}

export const exceptions: readonly Exception[] = [
  {
    kind: 'reasoned',
    rows: ['never'],
    reason: 'with imagePullPolicy Never no registry is asked, neither by the node nor by Pratique',
  },
  {
    kind: 'reasoned',
    rows: ['no-command', 'no-program'],
    reason:
      'what an image holds, and whether the command of the pod is in it, is not looked at: layers are not fetched',
  },
  {
    kind: 'reasoned',
    rows: ['root-refused'],
    reason: 'users and security contexts are for Pod Security and the kubelet',
  },
  {
    kind: 'reasoned',
    rows: ['layer-lost'],
    reason: 'one request for the manifest is what an image costs; its layers are not asked for',
  },
  {
    kind: 'defect',
    rows: ['install'],
    reason:
      'with failurePolicy Fail the webhooks are registered before the leader has filled their caBundle: for some seconds the API server trusts no replica, and refuses pods',
  },
];
