/** Rows about what a registry has: forms of images, platforms, names. One registry each, by plain HTTP. */
import { runnable, type RunnableOptions } from '../../kit/node/runnable-images.ts';
import { artifact, indexOf, mediaTypes, platform } from '../../kit/registries/images.ts';
import type { Image } from '../../kit/registries/images.ts';
import type { Row } from '../row.ts';

type MakeImage = (salt: string) => Image;

const amd64: MakeImage = (salt) => runnable('linux/amd64', { salt });
const both = indexed(['linux/amd64', 'linux/arm64']);

function indexed(platforms: readonly string[], docker = false): MakeImage {
  return (salt) =>
    indexOf(
      platforms.map((text) => ({ image: runnable(text, { docker, salt }), platform: platform(text) })),
      { docker },
    );
}

function having(make: MakeImage): NonNullable<Row['hosts']> {
  return { origin: (host, { id }) => void host.add('app', '1', make(id)) };
}

/** A single manifest whose parts are made otherwise. */
function single(options: RunnableOptions, where = 'linux/amd64'): MakeImage {
  return (salt) => runnable(where, { salt, ...options });
}

/** An index of one entry. */
function indexOfOne(where: string, said = platform(where)): MakeImage {
  return (salt) => indexOf([{ image: runnable(where, { salt }), platform: said }]);
}

function without(part: 'layer' | 'configuration'): MakeImage {
  return (salt) => {
    const image = amd64(salt);
    const [layer, configuration] = image.blobs;
    const kept = part === 'layer' ? configuration : layer;
    return { ...image, blobs: kept === undefined ? [] : [kept] };
  };
}

export const imageRows: readonly Row[] = [
  { id: 'single', title: 'a single manifest of the platform', hosts: having(amd64), expected: 'Running' },
  {
    id: 'docker-single',
    title: 'the same with docker types',
    hosts: having(single({ docker: true })),
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
    hosts: having((salt) =>
      indexOf([{ image: amd64(salt), platform: platform('linux/amd64') }], { typed: false }),
    ),
    expected: 'Running',
  },
  {
    id: 'attested',
    title: 'an index with attestations',
    hosts: having((salt) =>
      indexOf([
        { image: amd64(salt), platform: platform('linux/amd64') },
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
    image: (names) => `${names.plain('origin')}/app@${both(names.id).root.digest}`,
    expected: 'Running',
  },
  {
    id: 'tag-and-digest',
    title: 'by a tag that is not there, and a digest that is',
    hosts: having(both),
    image: (names) => `${names.plain('origin')}/app:gone@${both(names.id).root.digest}`,
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
    hosts: having(single({}, 'linux/arm64')),
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
    hosts: having(indexOfOne('windows/amd64')),
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
    hosts: having(indexOfOne('linux/amd64', platform('linux/amd64/v3'))),
    expected: 'PullFailed',
    says: /no match for platform/,
  },
  {
    id: 'entry-without-platform',
    title: 'an index whose only entry has no platform',
    hosts: having((salt) => indexOf([{ image: amd64(salt) }])),
    expected: 'Running',
  },
  {
    id: 'nested-index',
    title: 'an index within an index',
    hosts: having((salt) => indexOf([{ image: both(salt) }])),
    expected: 'Running',
  },
  {
    id: 'empty-index',
    title: 'an index of nothing',
    hosts: having(() => indexOf([])),
    expected: 'PullFailed',
  },
  {
    id: 'artifact',
    title: 'an artifact: a chart, no image',
    hosts: having(() => artifact('application/vnd.cncf.helm.chart')),
    expected: ['PullFailed', 'CreateContainerError'],
  },
  {
    id: 'artifact-type',
    title: 'artifactType beside a normal image configuration',
    hosts: having(single({ manifest: { artifactType: 'application/vnd.example.thing' } })),
    expected: 'Running',
  },
  {
    id: 'no-platform',
    title: 'a configuration that names no platform',
    hosts: having(single({ configured: {} })),
    expected: 'Running',
  },
  {
    id: 'swapped-config',
    title: "an OCI manifest with docker's configuration type",
    hosts: having(single({ types: { config: mediaTypes.dockerConfig } })),
    expected: 'Running',
  },
  {
    id: 'swapped-manifest',
    title: "docker's manifest type with OCI's parts",
    hosts: having(single({ types: { manifest: mediaTypes.dockerManifest } })),
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
  {
    id: 'layer-lost',
    title: 'a registry that lost a layer',
    hosts: having(without('layer')),
    expected: 'PullFailed',
  },
  {
    id: 'configuration-lost',
    title: 'a registry that lost the image configuration',
    hosts: having(without('configuration')),
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
    hosts: having(single({ config: { Entrypoint: null } })),
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
