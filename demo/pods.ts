/** The pods of the demo: what each shows, and the expected decision. */
import type { Pod } from '../test/kit/pratique/admission-client.ts';

export interface DemoPod {
  readonly title: string;
  readonly pod: Pod;
  readonly allowed: boolean;
}

function pod(name: string, spec: Pod['spec']): Pod {
  return { metadata: { name, namespace: 'shop' }, spec };
}

function running(name: string, image: string): Pod {
  return pod(name, { containers: [{ name, image }] });
}

/** `team/edge:1` is for arm64 only: it pulls everywhere, and dies with "exec format error" on amd64. */
const edgePod: Pod = pod('edge', {
  nodeSelector: { 'kubernetes.io/arch': 'amd64' },
  containers: [{ name: 'edge', image: 'team/edge:1' }],
});

/** Submitted while the mirror runs. */
export const demoPods: readonly DemoPod[] = [
  {
    title: 'the mirror has it, for every platform',
    pod: running('web', 'nginx:1.27'),
    allowed: true,
  },
  {
    title: 'the mirror lacks it: upstream has it, with attestations beside the platforms',
    pod: running('cache', 'redis:7'),
    allowed: true,
  },
  {
    title: 'the mirror is behind upstream: pinned is what the nodes will really get',
    pod: running('app', 'team/app:stable'),
    allowed: true,
  },
  {
    title: 'four kinds of images in one pod: init container, containers, image volume',
    pod: pod('shop', {
      initContainers: [{ name: 'migrate', image: 'team/app:stable' }],
      containers: [
        { name: 'web', image: 'nginx:1.27' },
        { name: 'db', image: 'postgres:17' },
      ],
      volumes: [{ name: 'assets', image: { reference: 'team/assets:3' } }],
    }),
    allowed: true,
  },
  {
    title: 'an index without one of the platforms: an affinity restricts the pod to the nodes that it fits',
    pod: running('legacy', 'team/legacy:2'),
    allowed: true,
  },
  {
    title: 'a single image for arm64, in a pod for amd64 nodes: it would die with "exec format error"',
    pod: edgePod,
    allowed: false,
  },
  {
    title: 'a chart, not an image',
    pod: running('chart', 'team/chart:5'),
    allowed: false,
  },
  {
    title: 'an image that does not exist',
    pod: running('ghost', 'team/ghost:9'),
    allowed: false,
  },
];

/** Submitted after the mirror has stopped. */
export const podsWithoutMirror: readonly DemoPod[] = [
  {
    title: 'an image that the mirror had: upstream serves it now',
    pod: running('web', 'nginx:1.27'),
    allowed: true,
  },
  {
    title: 'upstream has the newer build, and the nodes would get it from there now',
    pod: running('app', 'team/app:stable'),
    allowed: true,
  },
];

/** The pod of the review that `--keep` writes: no node that it selects fits its image. */
export const keptPod: Pod = edgePod;
