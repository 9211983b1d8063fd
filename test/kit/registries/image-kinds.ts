/** Every telling kind of image, and what a good resolver says of it. */
import {
  artifact,
  type Image,
  indexOf,
  mediaTypes,
  multiArch,
  platform,
  single,
  withAttestations,
} from './images.ts';

export interface Kind {
  readonly name: string;
  readonly image: Image;
  /** The body's own. */
  readonly mediaType: string;
  readonly platforms: readonly string[];
  /** `available` when absent. */
  readonly result?: string;
  readonly reason?: string;
  /** Codes of warnings; none when absent. */
  readonly warnings?: readonly string[];
  /** Requests beyond the manifest itself: what the manifest leaves out has to be fetched. */
  readonly more: number;
}

const servers = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'];
const index = { mediaType: mediaTypes.index, more: 0 };
const image = { mediaType: mediaTypes.manifest, more: 1 };

export const kinds: readonly Kind[] = [
  { ...index, name: 'multi-arch index', image: multiArch(servers), platforms: servers },
  {
    ...index,
    name: 'index with attestations',
    image: withAttestations(['linux/amd64', 'linux/arm64']),
    platforms: ['linux/amd64', 'linux/arm64'],
  },
  { ...index, name: 'index of amd64 only', image: multiArch(['linux/amd64']), platforms: ['linux/amd64'] },
  { ...image, name: 'single amd64', image: single(platform('linux/amd64')), platforms: ['linux/amd64'] },
  {
    ...image,
    name: 'single arm64 with its variant',
    image: single(platform('linux/arm64/v8')),
    platforms: ['linux/arm64'],
  },
  { ...image, name: 'single arm v7', image: single(platform('linux/arm/v7')), platforms: ['linux/arm/v7'] },
  {
    ...index,
    name: 'docker manifest list',
    image: multiArch(servers, { docker: true }),
    mediaType: mediaTypes.dockerList,
    platforms: servers,
  },
  {
    ...image,
    name: 'docker single',
    image: single(platform('linux/arm64'), { docker: true }),
    mediaType: mediaTypes.dockerManifest,
    platforms: ['linux/arm64'],
  },
  {
    ...index,
    name: 'nested index',
    image: indexOf([
      { image: single(platform('linux/amd64'), { salt: 'beside' }), platform: platform('linux/amd64') },
      { image: multiArch(['linux/arm64', 'linux/s390x'], { salt: 'nested' }) },
    ]),
    platforms: ['linux/amd64', 'linux/arm64', 'linux/s390x'],
    more: 1,
  },
  {
    ...index,
    name: 'index without media type',
    image: indexOf(
      [{ image: single(platform('linux/amd64'), { salt: 'untyped' }), platform: platform('linux/amd64') }],
      { typed: false },
    ),
    platforms: ['linux/amd64'],
  },
  {
    ...image,
    name: 'config without platform',
    image: single({}, { salt: 'nowhere' }),
    platforms: [],
    warnings: ['PlatformUnknown'],
  },
  {
    ...index,
    name: 'index entry without platform',
    image: indexOf([
      { image: single(platform('linux/amd64'), { salt: 'silent entry' }) },
      {
        image: single(platform('linux/arm64'), { salt: 'telling entry' }),
        platform: platform('linux/arm64'),
      },
    ]),
    platforms: ['linux/amd64', 'linux/arm64'],
    more: 2,
  },
  {
    name: 'artifact',
    image: artifact('application/vnd.cncf.helm.chart.v1'),
    mediaType: mediaTypes.manifest,
    platforms: [],
    result: 'invalid',
    reason: 'Artifact',
    more: 0,
  },
  { ...index, name: 'empty index', image: indexOf([]), platforms: [] },
];

/** Name of `kind` as a tag. */
export function tagOf({ name }: Kind): string {
  return name.replaceAll(' ', '-');
}
