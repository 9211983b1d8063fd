/** Rows about what a pod asks of its images. */
import { runnable } from '../../kit/node/runnable-images.ts';
import { type Image, indexOf, platform } from '../../kit/registries/images.ts';
import type { Fill, Row } from '../row.ts';

const image = (salt: string) => runnable('linux/amd64', { salt });
const has: Fill = (host, { id }) => void host.add('app', '1', image(id));
const hasNothing: Fill = () => undefined;

/** The app, and another image for its volume. */
function hasData(data: (salt: string) => Image): Fill {
  return (host, { id }) => void host.add('app', '1', image(id)).add('data', '1', data(`${id}, data`));
}

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
    preloaded: image,
    pod: () => ({ container: { imagePullPolicy: 'Never' } }),
    expected: 'Running',
  },
  {
    id: 'preloaded',
    title: 'in no registry, imported on the node, IfNotPresent',
    hosts: { origin: hasNothing },
    preloaded: image,
    pod: () => ({ container: { imagePullPolicy: 'IfNotPresent' } }),
    expected: 'Running',
  },
  {
    id: 'preloaded-always',
    title: 'the same with Always',
    hosts: { origin: hasNothing },
    preloaded: image,
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
    hosts: { origin: hasData(image) },
    pod: (app) => volume(app.replace('app:1', 'data:1')),
    expected: { '1.6': 'CreateContainerError', '2': 'Running' },
  },
  {
    id: 'image-volume-missing',
    title: 'an image volume that is not there',
    hosts: { origin: has },
    pod: (app) => volume(app.replace('app:1', 'data:9')),
    expected: 'PullFailed',
    says: /not found/,
  },
  {
    id: 'image-volume-arm64',
    title: 'an image volume for arm64 only, in an index',
    hosts: {
      origin: hasData((salt) =>
        indexOf([{ image: runnable('linux/arm64', { salt }), platform: platform('linux/arm64') }]),
      ),
    },
    pod: (app) => volume(app.replace('app:1', 'data:1')),
    expected: 'PullFailed',
    says: /no match for platform/,
  },
];
