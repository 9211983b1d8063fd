/** Small images for the inspection tests, and a handler that serves them as a registry does. */
import * as types from '../../../../src/resolve/manifest/media-types.ts';
import { type Digest, digestOf } from '../../../../src/resolve/reference/digest.ts';
import type { Answer, Handler, Recorded } from '../../../kit/fakes/scripted-registry.ts';

/** A manifest or blob as a registry holds it. */
export interface Content {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly body: Buffer;
  /** What it refers to. */
  readonly parts: readonly Content[];
}

export function content(mediaType: string, value: unknown, parts: readonly Content[] = []): Content {
  const body = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  return { digest: digestOf('sha256', body), mediaType, body, parts };
}

export function descriptor({ mediaType, digest, body }: Content, more: object = {}): object {
  return { mediaType, digest, size: body.byteLength, ...more };
}

/** A single-platform image; `config` replaces its config blob. */
export function image(
  architecture: string,
  config: Content = content(types.ociConfig, { os: 'linux', architecture }),
): Content {
  const manifest = { schemaVersion: 2, mediaType: types.ociManifest, config: descriptor(config), layers: [] };
  return content(types.ociManifest, manifest, [config]);
}

export interface IndexChild {
  readonly content: Content;
  /** Members of its descriptor beside the usual ones. */
  readonly more?: object;
}

export function index(children: readonly IndexChild[]): Content {
  const manifests = children.map(({ content, more }) => descriptor(content, more));
  const body = { schemaVersion: 2, mediaType: types.ociIndex, manifests };
  return content(
    types.ociIndex,
    body,
    children.map((child) => child.content),
  );
}

/** An index of images for these linux architectures, `arm64/v8` with a variant. */
export function multi(...platforms: readonly string[]): Content {
  return index(
    platforms.map((each) => {
      const [architecture = '', variant] = each.split('/');
      const platform = { os: 'linux', architecture, ...(variant === undefined ? {} : { variant }) };
      return { content: image(architecture), more: { platform } };
    }),
  );
}

export interface Holdings {
  readonly tags?: Readonly<Record<string, Content>>;
  /** What is served by digest; by default everything that a tag refers to. */
  readonly objects?: readonly Content[];
}

/** A registry that knows these images under every repository name. */
export function holding({ tags = {}, objects }: Holdings): Handler {
  const named = new Map(Object.entries(tags));
  const all = new Map(
    (objects ?? [...named.values()].flatMap(everything)).map((each) => [each.digest as string, each]),
  );
  return ({ url }) => {
    const [kind, name] = target(url);
    const found = kind === 'manifests' ? (named.get(name) ?? all.get(name)) : all.get(name);
    return found ? serve(found) : absent;
  };
}

/** `manifests` or `blobs`, and the tag or digest. */
export function target(url: string): readonly [kind: string, name: string] {
  const [, kind = '', name = ''] = /\/(manifests|blobs)\/([^/?]+)/.exec(url) ?? [];
  return [kind, name];
}

export function serve({ digest, mediaType, body }: Content): Answer {
  return { headers: { 'content-type': mediaType, 'docker-content-digest': digest }, body };
}

export const absent: Answer = {
  status: 404,
  headers: { 'content-type': 'application/json' },
  body: { errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] },
};

export const html: Answer = {
  headers: { 'content-type': 'text/html' },
  body: '<!DOCTYPE html><html><body>Please log in</body></html>',
};

function everything(root: Content): readonly Content[] {
  return [root, ...root.parts.flatMap(everything)];
}

/** `HEAD manifests/1.27`: what was asked, short enough for a table. */
export function asked(requests: readonly Recorded[]): readonly string[] {
  return requests.map(({ method, url }) => `${method} ${target(url).join('/')}`);
}
