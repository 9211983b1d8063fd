/** Pushes the fixture images to a real registry by plain PUTs, as any client would. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Image } from './images.ts';

export interface PushTarget {
  readonly url: string;
  /** CA of a registry that speaks TLS. */
  readonly ca?: string;
  readonly authorization?: string;
}

/** Puts `image` at `repository:tag`; gives the digest under which the registry has it. Throws with its answer when it refuses. */
export async function push(
  target: PushTarget,
  repository: string,
  tag: string,
  image: Image,
): Promise<string> {
  const base = `${target.url}/v2/${repository}`;
  for (const blob of image.blobs) {
    const opened = await send(target, 'POST', `${base}/blobs/uploads/`, Buffer.alloc(0), {});
    const upload = new URL(opened['location'] ?? '', target.url);
    upload.searchParams.set('digest', blob.digest);
    await send(target, 'PUT', upload.href, blob.body, { 'content-type': 'application/octet-stream' });
  }
  for (const manifest of image.children) {
    await send(target, 'PUT', `${base}/manifests/${manifest.digest}`, manifest.body, {
      'content-type': manifest.mediaType,
    });
  }
  const put = await send(target, 'PUT', `${base}/manifests/${tag}`, image.root.body, {
    'content-type': image.root.mediaType,
  });
  return String(put['docker-content-digest']);
}

/** Deletes a manifest or blob by its digest, as any client may where the registry lets it. */
export async function remove(
  target: PushTarget,
  repository: string,
  kind: 'manifests' | 'blobs',
  digest: string,
): Promise<void> {
  await send(target, 'DELETE', `${target.url}/v2/${repository}/${kind}/${digest}`, Buffer.alloc(0), {});
}

function send(
  target: PushTarget,
  method: string,
  url: string,
  body: Buffer,
  headers: Record<string, string>,
): Promise<IncomingHttpHeaders> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method,
        ...(target.ca === undefined ? {} : { ca: target.ca }),
        headers: {
          ...headers,
          'content-length': body.length,
          ...(target.authorization === undefined ? {} : { authorization: target.authorization }),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve(response.headers);
          else reject(new Error(`${method} ${url}: ${status} ${Buffer.concat(chunks).toString()}`));
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
