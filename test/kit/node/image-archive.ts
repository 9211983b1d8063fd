/** OCI archives: read as buildah writes them, so that their image can be pushed, and written for `ctr images import`. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Blob, Image } from '../registries/images.ts';
import { tar } from './tar.ts';

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
}

interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** The only image of `archive`, a single manifest. Unpacks below `folder`. */
export async function imageOfArchive(archive: string, folder: string): Promise<Image> {
  const work = await mkdtemp(join(folder, 'archive-'));
  try {
    await promisify(execFile)('tar', ['-xf', archive, '-C', work]);
    const read = (digest: string) => readFile(join(work, 'blobs', digest.replace(':', '/')));
    const index = JSON.parse(await readFile(join(work, 'index.json'), 'utf8')) as { manifests: Descriptor[] };
    const [root] = index.manifests;
    if (root === undefined) throw new Error(`${archive} holds no image`);
    const body = await read(root.digest);
    const { config, layers } = JSON.parse(body.toString()) as Manifest;
    const blobs: Blob[] = [];
    for (const { digest } of [config, ...layers]) blobs.push({ digest, body: await read(digest) });
    return { blobs, children: [], root: { digest: root.digest, body, mediaType: root.mediaType } };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** `image` as an archive that `ctr images import` takes, under the name `name`. */
export function archiveOf({ blobs, children, root }: Image, name: string): Buffer {
  const json = (content: object) => Buffer.from(JSON.stringify(content));
  const index = {
    schemaVersion: 2,
    manifests: [
      {
        mediaType: root.mediaType,
        digest: root.digest,
        size: root.body.length,
        annotations: { 'io.containerd.image.name': name },
      },
    ],
  };
  return tar([
    { name: 'oci-layout', content: json({ imageLayoutVersion: '1.0.0' }) },
    { name: 'index.json', content: json(index) },
    ...[...blobs, ...children, root].map(({ digest, body }) => ({
      name: `blobs/${digest.replace(':', '/')}`,
      content: body,
    })),
  ]);
}
