/** Rows about what a registry has: forms of images, platforms, names. One registry each, by plain HTTP. */
import { runnable } from '../../kit/node/runnable-images.ts';
import { artifact, indexOf, mediaTypes, platform } from '../../kit/registries/images.ts';
import type { Image } from '../../kit/registries/images.ts';
import type { Row } from '../row.ts';

const amd64 = runnable('linux/amd64');
const arm64 = runnable('linux/arm64');
const both = indexed(['linux/amd64', 'linux/arm64']);

function indexed(platforms: readonly string[], docker = false): Image {
  return indexOf(
    platforms.map((text) => ({ image: runnable(text, { docker }), platform: platform(text) })),
    { docker },
  );
}

function having(image: Image): NonNullable<Row['hosts']> {
  return { origin: (host) => void host.add('app', '1', image) };
}

const noBody = { ...amd64, blobs: amd64.blobs.slice(1) };
const noConfiguration = { ...amd64, blobs: amd64.blobs.slice(0, 1) };

export const imageRows: readonly Row[] = [
  { id: 'single', title: 'a single manifest of the platform', hosts: having(amd64), expected: 'Running' },
  {
    id: 'docker-single',
    title: 'the same with docker types',
    hosts: having(runnable('linux/amd64', { docker: true })),
    expected: 'Running',
  },
  { id: 'index', title: 'an index of two platforms', hosts: having(both), expected: 'Running' },
  {
    id: 'docker-list',
    title: "docker's list of two platforms",
    hosts: having(indexed(['linux/amd64', 'linux/arm64'], true)),
    expected: 'Running',
  },
  {
    id: 'untyped-index',
    title: 'an index without mediaType',
    hosts: having(indexOf([{ image: amd64, platform: platform('linux/amd64') }], { typed: false })),
    expected: 'Running',
  },
  {
    id: 'attested',
    title: 'an index with attestations',
    hosts: having(
      indexOf([
        { image: amd64, platform: platform('linux/amd64') },
        {
          image: artifact('application/vnd.in-toto+json'),
          platform: { os: 'unknown', architecture: 'unknown' },
        },
      ]),
    ),
    expected: 'Running',
  },
  {
    id: 'by-digest',
    title: 'by digest',
    hosts: having(both),
    image: (names) => `${names.plain('origin')}/app@${both.root.digest}`,
    expected: 'Running',
  },
  {
    id: 'tag-and-digest',
    title: 'by a tag that is not there, and a digest that is',
    hosts: having(both),
    image: (names) => `${names.plain('origin')}/app:gone@${both.root.digest}`,
    expected: 'Running',
  },
  {
    id: 'no-tag',
    title: 'a tag that is not there',
    hosts: having(amd64),
    image: (names) => `${names.plain('origin')}/app:9`,
    expected: 'PullFailed',
    says: /not found/,
  },
  {
    id: 'no-repository',
    title: 'a repository that is not there',
    hosts: having(amd64),
    image: (names) => `${names.plain('origin')}/nobody/app:1`,
    expected: 'PullFailed',
    says: /not found/,
  },
  {
    id: 'no-digest',
    title: 'a digest that is not there',
    hosts: having(amd64),
    image: (names) => `${names.plain('origin')}/app:1@sha256:${'0'.repeat(64)}`,
    expected: 'PullFailed',
    says: /not found/,
  },
  {
    id: 'single-arm64',
    title: 'a single manifest for arm64: pulled, and no program',
    hosts: having(arm64),
    expected: 'ExecFormatError',
  },
  {
    id: 'index-arm64',
    title: 'an index for arm64 only',
    hosts: having(indexed(['linux/arm64'])),
    expected: 'PullFailed',
    says: /no match for platform/,
  },
  {
    id: 'index-windows',
    title: 'an index for Windows only',
    hosts: having(indexOf([{ image: runnable('windows/amd64'), platform: platform('windows/amd64') }])),
    expected: 'PullFailed',
    says: /no match for platform/,
  },
  {
    id: 'index-386',
    title: 'an index for 386 only',
    hosts: having(indexed(['linux/386'])),
    expected: { '1.6': 'Running', '2': 'PullFailed' },
  },
  {
    id: 'index-amd64-v3',
    title: 'an index for amd64/v3 only',
    hosts: having(indexOf([{ image: amd64, platform: platform('linux/amd64/v3') }])),
    expected: 'PullFailed',
    says: /no match for platform/,
  },
  {
    id: 'entry-without-platform',
    title: 'an index whose only entry has no platform',
    hosts: having(indexOf([{ image: runnable('linux/amd64', { salt: 'bare' }) }])),
    expected: 'Running',
  },
  {
    id: 'nested-index',
    title: 'an index within an index',
    hosts: having(indexOf([{ image: both }])),
    expected: 'Running',
  },
  {
    id: 'empty-index',
    title: 'an index of nothing',
    hosts: having(indexOf([])),
    expected: 'PullFailed',
  },
  {
    id: 'artifact',
    title: 'an artifact: a chart, no image',
    hosts: having(artifact('application/vnd.cncf.helm.chart')),
    expected: 'PullFailed',
  },
  {
    id: 'artifact-type',
    title: 'artifactType beside a normal image configuration',
    hosts: having(runnable('linux/amd64', { manifest: { artifactType: 'application/vnd.example.thing' } })),
    expected: 'Running',
  },
  {
    id: 'no-platform',
    title: 'a configuration that names no platform',
    hosts: having(runnable('linux/amd64', { configured: {} })),
    expected: 'Running',
  },
  {
    id: 'swapped-config',
    title: "an OCI manifest with docker's configuration type",
    hosts: having(runnable('linux/amd64', { types: { config: mediaTypes.dockerConfig } })),
    expected: 'Running',
  },
  {
    id: 'swapped-manifest',
    title: "docker's manifest type with OCI's parts",
    hosts: having(runnable('linux/amd64', { types: { manifest: mediaTypes.dockerManifest } })),
    expected: 'Running',
  },
  {
    id: 'schema-1',
    title: 'schema 1',
    hosts: {
      origin: (host) =>
        void host.with(({ kind, key }) => (kind === 'manifests' && key === '1' ? schema1 : null)),
    },
    expected: 'PullFailed',
  },
  { id: 'layer-lost', title: 'a registry that lost a layer', hosts: having(noBody), expected: 'PullFailed' },
  {
    id: 'configuration-lost',
    title: 'a registry that lost the image configuration',
    hosts: having(noConfiguration),
    expected: 'PullFailed',
  },
  {
    id: 'invalid-name',
    title: 'no image name',
    image: () => 'Registries.test/UPPER:1',
    expected: 'InvalidImageName',
  },
  {
    id: 'no-command',
    title: 'an image without a command',
    hosts: having(runnable('linux/amd64', { config: { Entrypoint: null } })),
    expected: 'CreateContainerError',
    says: /no command specified/,
  },
  {
    id: 'no-program',
    title: 'a command that the image does not have',
    hosts: having(amd64),
    pod: () => ({ container: { command: ['/nowhere'] } }),
    expected: 'RunContainerError',
    says: /no such file/,
  },
  {
    id: 'root-refused',
    title: 'an image of root, where the pod wants none',
    hosts: having(amd64),
    pod: () => ({ spec: { securityContext: { runAsNonRoot: true } } }),
    expected: 'CreateContainerConfigError',
    says: /runAsNonRoot/,
  },
];

const schema1 = {
  status: 200,
  headers: { 'content-type': 'application/vnd.docker.distribution.manifest.v1+prettyjws' },
  body: JSON.stringify({
    schemaVersion: 1,
    name: 'app',
    tag: '1',
    architecture: 'amd64',
    fsLayers: [{ blobSum: `sha256:${'a'.repeat(64)}` }],
    history: [{ v1Compatibility: '{}' }],
    signatures: [],
  }),
};
