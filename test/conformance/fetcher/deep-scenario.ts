/** An image on a mirror A and its own registry B, a foreign host U and a token server T: what single parts of it answer is a case's own. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../../src/app/commands.ts';
import type { Io, Output } from '../../../src/cli/io.ts';
import {
  type Answer,
  type Recorded,
  scriptedRegistry,
  type ScriptedRegistry,
} from '../../kit/fakes/scripted-registry.ts';
import type { HostId } from './scenario.ts';

export const types = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const;

export interface LayerSpec {
  readonly content: Buffer;
  readonly mediaType?: string;
  readonly urls?: readonly string[];
  readonly annotations?: object;
}

/** What one part answers at one host; null: it is served. */
export type PartScript = (request: Recorded) => Answer | null;

/** Which part of the image a script is for. */
export type Which = 'layer' | 'blobs' | 'child';

export class DeepScenario {
  layers: LayerSpec[] = [layer('one'), layer('two')];
  /** More than one make an index. */
  platforms: string[] = ['amd64'];
  /** Layers that every platform has beside its own. */
  sharesLayers = false;
  readonly scripts = new Map<string, PartScript>();
  /** What the foreign host answers at a path; without an entry the first layer. */
  readonly external = new Map<string, PartScript>();
  /** Names the image by this registry, of which B is the server then. */
  domain: string | null = null;
  arguments: string[] = ['--deep'];
  containerdVersion = 'auto';
  wantsToken = false;
  /** Every answer takes a moment, so that requests meet. */
  isSlow = false;
  hasMirror = false;

  script(host: 'A' | 'B', which: Which, script: PartScript): this {
    this.scripts.set(`${host} ${which}`, script);
    if (host === 'A') this.hasMirror = true;
    return this;
  }
}

export function layer(text: string, more: Omit<LayerSpec, 'content'> = {}): LayerSpec {
  return { content: Buffer.from(`layer ${text} `.repeat(8)), ...more };
}

export interface DeepObserved {
  readonly exit: number;
  readonly image: Inspected;
  readonly requests: Readonly<Record<HostId, readonly Recorded[]>>;
  readonly inFlight: number;
  /** Digests: of the layers in order, of the child of each platform. */
  readonly layers: readonly string[];
  readonly children: readonly string[];
  readonly host: string;
}

export interface Inspected {
  readonly result: string;
  readonly reason: string | null;
  readonly message: string;
  readonly missingPlatforms: readonly string[];
  readonly warnings: readonly { readonly code: string }[];
  readonly parts: readonly {
    readonly result: string;
    readonly reason: string | null;
    readonly digest: string;
    readonly kind: string;
  }[];
}

interface Blob {
  readonly mediaType: string;
  readonly body: Buffer;
}

interface Built {
  readonly blobs: ReadonlyMap<string, Blob>;
  readonly manifests: ReadonlyMap<string, Blob>;
  readonly root: string;
  readonly layers: readonly string[];
  readonly children: readonly string[];
}

function build({ layers, platforms, sharesLayers }: DeepScenario, external: string): Built {
  const blobs = new Map<string, Blob>();
  const manifests = new Map<string, Blob>();
  const keep = (kept: Map<string, Blob>, mediaType: string, body: Buffer) => {
    const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    kept.set(digest, { mediaType, body });
    return { mediaType, digest, size: body.length };
  };
  const described = layers.map(({ content, mediaType = types.layer, urls, annotations }) => ({
    ...keep(blobs, mediaType, content),
    ...(urls ? { urls: urls.map((url) => url.replace('http://U', external)) } : {}),
    ...(annotations ? { annotations } : {}),
  }));
  const children = platforms.map((architecture) => {
    const config = keep(blobs, types.config, Buffer.from(JSON.stringify({ os: 'linux', architecture })));
    const own = sharesLayers ? [keep(blobs, types.layer, Buffer.from(`only ${architecture}`))] : [];
    const body = { schemaVersion: 2, mediaType: types.manifest, config, layers: [...described, ...own] };
    const manifest = keep(manifests, types.manifest, Buffer.from(JSON.stringify(body)));
    return { ...manifest, platform: { os: 'linux', architecture } };
  });
  const index = { schemaVersion: 2, mediaType: types.index, manifests: children };
  const [only] = children;
  const root =
    children.length === 1 && only
      ? only.digest
      : keep(manifests, types.index, Buffer.from(JSON.stringify(index))).digest;
  return {
    blobs,
    manifests,
    root,
    layers: described.map(({ digest }) => digest),
    children: children.map(({ digest }) => digest),
  };
}

/** Inspects the image by the real command and notes what every host was asked. */
export async function runDeep(scenario: DeepScenario): Promise<DeepObserved> {
  await using open = new AsyncDisposableStack();
  const servers = {} as Record<HostId, ScriptedRegistry>;
  let [busy, inFlight] = [0, 0];
  const handler = (id: HostId) => async (request: Recorded) => {
    busy++;
    inFlight = Math.max(inFlight, busy);
    if (scenario.isSlow) await sleep(15);
    busy--;
    return respond(id, request);
  };
  for (const id of ['A', 'B', 'U', 'T'] as const) servers[id] = open.use(await scriptedRegistry(handler(id)));
  const built = build(scenario, servers.U.origin);
  const respond = (id: HostId, request: Recorded): Answer => {
    if (id === 'T') return { body: { token: 't0ken' } };
    if (id === 'U') return externalAnswer(scenario, built, request);
    if (scenario.wantsToken && request.headers.authorization === undefined)
      return { status: 401, headers: { 'www-authenticate': `Bearer realm="${servers.T.origin}/token"` } };
    const answer = registryAnswer(scenario, built, id, request);
    const location = answer.headers?.['location'];
    // Scripts do not know where the foreign host is.
    if (typeof location !== 'string') return answer;
    return { ...answer, headers: { location: location.replace(/^U:/, servers.U.origin) } };
  };
  const folder = await mkdtemp(join(tmpdir(), 'pratique-conformance-'));
  open.defer(() => rm(folder, { recursive: true }));
  const domain = scenario.domain ?? servers.B.host;
  const config = await configuration(folder, domain, scenario, servers);
  const image = `${domain}/${scenario.domain === null ? 'app/x' : 'library/x'}:1`;
  let written = '';
  const output = (write: (text: string) => void): Output => ({
    write,
    isTerminal: false,
    colour: false,
    width: null,
  });
  const io: Io = {
    stdout: output((text) => void (written += text)),
    stderr: output(() => {}),
    readStdin: () => Promise.resolve(new Uint8Array()),
    signal: new AbortController().signal,
  };
  const args = ['inspect', ...scenario.arguments, '-o', 'json', '--config', config, image];
  const exit = await run(args, { version: 'test', environment: {} }, io);
  const [inspected] = JSON.parse(written === '' ? '[]' : written) as Inspected[];
  if (!inspected) throw new Error(`no result, exit ${exit}`);
  const { A, B, U, T } = servers;
  const requests = { A: [...A.requests], B: [...B.requests], U: [...U.requests], T: [...T.requests] };
  const { layers, children } = built;
  return { exit, image: inspected, requests, inFlight, layers, children, host: servers.B.host };
}

async function configuration(
  folder: string,
  domain: string,
  { hasMirror, containerdVersion }: DeepScenario,
  { A, B }: Readonly<Record<HostId, ScriptedRegistry>>,
): Promise<string> {
  const hosts = join(folder, 'certs.d', domain);
  await mkdir(hosts, { recursive: true });
  const mirror = `[host."${A.origin}"]\n  capabilities = ["pull", "resolve"]\n  [host."${A.origin}".header]\n    x-own = ["yes"]\n`;
  await writeFile(join(hosts, 'hosts.toml'), `server = "${B.origin}"\n${hasMirror ? mirror : ''}`);
  const file = join(folder, 'pratique.yaml');
  await writeFile(
    file,
    JSON.stringify({
      apiVersion: 'pratique.dev/v1alpha1',
      kind: 'Configuration',
      mirrors: { containerd: { configPath: join(folder, 'certs.d'), version: containerdVersion } },
      // A busy machine is not a dead endpoint.
      registry: { endpointTimeout: '10s' },
    }),
  );
  return file;
}

function registryAnswer(scenario: DeepScenario, built: Built, id: HostId, request: Recorded): Answer {
  const [, kind, name = ''] = /\/(manifests|blobs)\/([^?]+)/.exec(request.url) ?? [];
  const which = kind === 'blobs' ? (built.layers[0] === name ? 'layer' : 'blobs') : 'child';
  const isChild = which === 'child' && built.children.at(-1) === name && built.root !== name;
  const scripts = which === 'layer' ? ['layer', 'blobs'] : which === 'blobs' || isChild ? [which] : [];
  for (const each of scripts) {
    const answer = scenario.scripts.get(`${id} ${each}`)?.(request);
    if (answer) return answer;
  }
  const found =
    kind === 'blobs' ? built.blobs.get(name) : built.manifests.get(name === '1' ? built.root : name);
  if (!found) return { status: 404 };
  const answer = served(found, request);
  if (kind === 'blobs') return answer;
  const digest = name === '1' ? built.root : name;
  return { ...answer, headers: { ...answer.headers, 'docker-content-digest': digest } };
}

function served({ mediaType, body }: Blob, { headers }: Recorded): Answer {
  const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '');
  if (!range) return { headers: { 'content-type': mediaType }, body };
  const [from, to] = [Number(range[1]), range[2] === '' ? body.length - 1 : Number(range[2])];
  const contentRange = `bytes ${from}-${to}/${body.length}`;
  return {
    status: 206,
    headers: { 'content-type': mediaType, 'content-range': contentRange },
    body: body.subarray(from, to + 1),
  };
}

function externalAnswer({ external, layers }: DeepScenario, built: Built, request: Recorded): Answer {
  const answer = external.get(request.url)?.(request);
  if (answer) return answer;
  const blob = built.blobs.get(built.layers[0] ?? '');
  return blob && layers.length > 0 ? served(blob, request) : { status: 404 };
}
