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
    rows: ['artifact-type'],
    reason: 'artifactType beside a normal image configuration is taken for an artifact; the node runs it',
  },
  {
    kind: 'defect',
    rows: ['html', 'type-text', 'type-json', 'type-missing', 'text-unpinned'],
    reason:
      'the Content-Type of a manifest makes containerd give up at the first host with a 2xx; Pratique reads the body, or asks the next',
  },
  {
    kind: 'defect',
    rows: ['head-404', 'head-404-unpinned'],
    reason: 'HEAD answers 404 and GET 200: containerd believes HEAD',
  },
  {
    kind: 'defect',
    rows: ['tag-without-digest', 'digest-404-unpinned'],
    reason: 'a tag is taken for a proof of its digest, which no node can pull',
  },
  {
    kind: 'defect',
    rows: ['malformed-unpinned', 'wrong-unpinned'],
    reason:
      'a malformed or wrong Docker-Content-Digest of a tag makes containerd give up; Pratique hashes the body, or asks the next',
  },
  {
    kind: 'defect',
    rows: ['mirror-login'],
    reason:
      'a mirror that answers 401 is sent the pull secret of the image by the node, and not by Pratique: denied, not unknown',
  },
  {
    kind: 'defect',
    rows: ['token-expiry-text', 'token-expiry-half', 'token-issued-number'],
    reason: 'token answers that no client of the nodes can decode are accepted',
  },
  {
    kind: 'defect',
    rows: ['image-volume'],
    runtimes: ['1.6'],
    reason: 'containerd before 2.1 knows no image volumes, and the pod is allowed',
  },
];
