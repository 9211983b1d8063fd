/** Rows about what a pod asks of its images. */
import { runnable } from '../../kit/node/runnable-images.ts';
import { indexOf, platform } from '../../kit/registries/images.ts';
import type { VirtualHost } from '../../kit/node/virtual-registries.ts';
import type { Row } from '../row.ts';

const image = runnable('linux/amd64', { salt: 'pods' });
const has = (host: VirtualHost) => void host.add('app', '1', image);
const hasNothing = (_host: VirtualHost) => undefined;
const held = runnable('linux/amd64', { salt: 'held by the nodes' });

const volume = (reference: string) => ({
  spec: { volumes: [{ name: 'data', image: { reference, pullPolicy: 'IfNotPresent' } }] },
  container: { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
});

export const podRows: readonly Row[] = [
  {
    id: 'never',
    title: 'imagePullPolicy Never, not on the node',
    hosts: { origin: has },
    pod: () => ({ container: { imagePullPolicy: 'Never' } }),
    expected: 'ErrImageNeverPull',
  },
  {
    id: 'preloaded-never',
    title: 'imagePullPolicy Never, imported on the node',
    preloaded: held,
    pod: () => ({ container: { imagePullPolicy: 'Never' } }),
    expected: 'Running',
  },
  {
    id: 'preloaded',
    title: 'in no registry, imported on the node, IfNotPresent',
    hosts: { origin: hasNothing },
    preloaded: held,
    pod: () => ({ container: { imagePullPolicy: 'IfNotPresent' } }),
    expected: 'Running',
  },
  {
    id: 'preloaded-always',
    title: 'the same with Always',
    hosts: { origin: hasNothing },
    preloaded: held,
    pod: () => ({ container: { imagePullPolicy: 'Always' } }),
    expected: 'PullFailed',
    says: /not found/,
  },
  {
    id: 'always',
    title: 'imagePullPolicy Always',
    hosts: { origin: has },
    pod: () => ({ container: { imagePullPolicy: 'Always' } }),
    expected: 'Running',
  },
  {
    id: 'init-missing',
    title: 'an init container whose image is not there',
    hosts: { origin: has },
    pod: (app) => ({ spec: { initContainers: [{ name: 'init', image: app.replace('app:1', 'init:1') }] } }),
    expected: 'PullFailed',
    says: /not found/,
  },
  {
    id: 'second-missing',
    title: 'a second container whose image is not there',
    hosts: { origin: has },
    pod: (app) => ({ containers: [{ name: 'second', image: app.replace('app:1', 'second:1') }] }),
    expected: 'PullFailed',
    says: /not found/,
  },
  {
    id: 'image-volume',
    title: 'an image volume',
    hosts: {
      origin: (host) =>
        void host.add('app', '1', image).add('data', '1', runnable('linux/amd64', { salt: 'data' })),
    },
    pod: (app) => volume(app.replace('app:1', 'data:1')),
    expected: { '1.6': 'CreateContainerError', '2': 'Running' },
  },
  {
    id: 'image-volume-missing',
    title: 'an image volume that is not there',
    hosts: { origin: has },
    pod: (app) => volume(app.replace('app:1', 'data:9')),
    expected: 'PullFailed',
  },
  {
    id: 'image-volume-arm64',
    title: 'an image volume for arm64 only, in an index',
    hosts: {
      origin: (host) =>
        void host
          .add('app', '1', image)
          .add('data', '1', indexOf([{ image: runnable('linux/arm64'), platform: platform('linux/arm64') }])),
    },
    pod: (app) => volume(app.replace('app:1', 'data:1')),
    expected: 'PullFailed',
  },
];
