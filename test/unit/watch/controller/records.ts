/** Pod records for the controller's tests: a pod of one container unless told otherwise. */
import type { PodRecord, UsedImage } from '../../../../src/watch/cluster/records/pod-record.ts';

export interface RecordParts extends Partial<Omit<PodRecord, 'images'>> {
  readonly images?: readonly (string | Partial<UsedImage>)[];
}

export function record({ images = ['nginx:1.27'], ...parts }: RecordParts = {}): PodRecord {
  const name = parts.name ?? 'web-1';
  const namespace = parts.namespace ?? 'shop';
  return {
    kind: 'Pod',
    namespace,
    name,
    uid: `uid-${namespace}-${name}`,
    createdAt: 0,
    owner: null,
    controller: null,
    serviceAccount: 'default',
    pullSecrets: [],
    hasVerdict: true,
    hasSkipLabel: false,
    isStaticPod: false,
    isFinished: false,
    scheduling: {},
    ...parts,
    images: images.map((image, index) => used(image, index)),
  };
}

function used(image: string | Partial<UsedImage>, index: number): UsedImage {
  const parts = typeof image === 'string' ? { image } : image;
  const text = parts.image ?? 'nginx:1.27';
  return {
    container: `c${index}`,
    kind: 'container',
    pullPolicy: 'IfNotPresent',
    image: text,
    original: text,
    running: null,
    ...parts,
  };
}
