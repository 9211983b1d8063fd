/** Objects that several suites make. Pods by hand are `test/fakes/pods.ts`'s. */
import { type Json, pod } from '../../../kit/fakes/pods.ts';

/** `object` with more in its spec. */
export function having(object: Json, spec: Json): Json {
  return { ...object, spec: { ...(object['spec'] as Json), ...spec } };
}

/** The kubelet's record of a static pod whose image is nowhere. */
export function staticPod(nodeName: string): Json {
  const record = pod('static').container('team/ghost:9').annotation('kubernetes.io/config.mirror', 'x');
  return having(record.build(), { nodeName });
}

/** `w`, with one container `c`. */
export function workload(
  kind: 'DaemonSet' | 'Deployment' | 'Job',
  image: string,
  spec: Json = {},
  container: Json = {},
): Json {
  const labels = { app: 'w' };
  const job = kind === 'Job';
  return {
    apiVersion: job ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: { name: 'w' },
    spec: {
      ...spec,
      ...(!job && { selector: { matchLabels: labels } }),
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'c', image, ...container }], ...(job && { restartPolicy: 'Never' }) },
      },
    },
  };
}
