/** Images whose layers hold a program that really runs, byte for byte the same each time. */
import { gzipSync } from 'node:zlib';
import {
  type Blob,
  type Image,
  mediaTypes,
  type PlatformJson,
  platform,
  sha256,
} from '../registries/images.ts';
import { type Architecture, waitingProgram } from './programs.ts';
import { tar } from './tar.ts';

export interface RunnableOptions {
  /** Architecture of the program; that of the platform if absent. */
  readonly program?: Architecture;
  /** Another content of the same kind. */
  readonly salt?: string;
  readonly docker?: boolean;
  /** Members of the image configuration's `config`. */
  readonly config?: object;
  /** What the image configuration says; the platform when absent. */
  readonly configured?: PlatformJson;
  /** Members of the manifest beside the usual ones. */
  readonly manifest?: object;
  readonly types?: Partial<ImageTypes>;
}

/** Media types of a single image, in its parts. */
export interface ImageTypes {
  readonly manifest: string;
  readonly config: string;
  readonly layer: string;
}

const oci: ImageTypes = mediaTypes;
const docker: ImageTypes = {
  manifest: mediaTypes.dockerManifest,
  config: mediaTypes.dockerConfig,
  layer: mediaTypes.dockerLayer,
};
const architectures: Readonly<Record<string, Architecture>> = {
  amd64: 'amd64',
  arm64: 'arm64',
  '386': '386',
};

/** A single manifest for `os/arch[/variant]`, whose program writes where it runs and waits. */
export function runnable(where: string, options: RunnableOptions = {}): Image {
  const { salt = '', config = {}, configured = platform(where), manifest = {} } = options;
  const program = options.program ?? architectures[where.split('/')[1] ?? ''] ?? 'arm64';
  const types = { ...(options.docker ? docker : oci), ...options.types };
  const content = waitingProgram(program, `${where} ${salt}`);
  const files = tar([{ name: 'app', content, mode: 0o755 }]);
  const layer = blobOf(gzipSync(files, { level: 9 }));
  const configuration = blobOf({
    ...configured,
    config: { Entrypoint: ['/app'], ...config },
    rootfs: { type: 'layers', diff_ids: [sha256(files)] },
  });
  const root = {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: descriptor(types.config, configuration),
    layers: [descriptor(types.layer, layer)],
    ...manifest,
  };
  return {
    blobs: [layer, configuration],
    children: [],
    root: { ...blobOf(root), mediaType: types.manifest },
  };
}

/** What every sandbox runs. */
export function sandboxImage(): Image {
  return runnable('linux/amd64', { salt: 'sandbox' });
}

function blobOf(content: Buffer | object): Blob {
  const body = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
  return { digest: sha256(body), body };
}

function descriptor(mediaType: string, { digest, body }: Blob): object {
  return { mediaType, digest, size: body.length };
}
