/** The hosts of a case: A a mirror, B the image's own registry, U a foreign host, T a token server. What each answers is a script on a real socket. */
import { createHash } from 'node:crypto';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import {
  type Answer,
  type Recorded,
  scriptedRegistry,
  type ScriptedRegistry,
} from '../../kit/fakes/scripted-registry.ts';

export type HostId = 'A' | 'B' | 'U' | 'T';

/** How a host answers a request for a range. */
export interface Ranged {
  readonly status?: number;
  /** All of the content all the same. */
  readonly whole?: boolean;
  /** The rest of it, with the Content-Range of something else. */
  readonly other?: boolean;
  /** The rest of it, without a Content-Range. */
  readonly silent?: boolean;
  readonly ignored?: boolean;
}

type Once = Omit<Answer, 'cutAfter'> & { readonly cutAfter?: number | 'middle' };

const challengeRealm = 'token';

/** What one host, or one external URL, answers to requests for the content. */
export class HostScript {
  capability: 'pull' | 'push' | 'resolve' = 'pull';
  isRefusing = false;
  hasOwnHeader = false;
  private readonly next: Once[] = [];
  private always: Answer | null = null;
  private statuses: readonly number[] = [];
  private readonly methods = new Map<string, number>();
  private path: string | null = null;
  private range: Ranged | null = null;
  private encodings: string | null = null;
  private mangled: string | undefined;
  private change: (body: Buffer) => Buffer = (body) => body;
  private hasLength = true;
  private token: { readonly refused: number | null } | null = null;
  private count = 0;

  can(capability: string): this {
    this.capability = capability as HostScript['capability'];
    return this;
  }
  refuses(): this {
    this.isRefusing = true;
    return this;
  }
  ownHeader(): this {
    this.hasOwnHeader = true;
    return this;
  }
  answer(answer: Answer): this {
    this.always = answer;
    return this;
  }
  once(answer: Once): this {
    this.next.push(answer);
    return this;
  }
  /** In turn, again and again; 200 serves. */
  status(...statuses: string[]): this {
    // After an answer that comes once, only a request for the rest is answered so.
    if (this.next.length > 0 && statuses[0] !== '200')
      this.ranged({ status: Number(statuses[0]), silent: true });
    else if (this.next.length === 0) this.statuses = statuses.map(Number);
    return this;
  }
  method(method: string, status: string): this {
    this.methods.set(method, Number(status));
    return this;
  }
  only(path: string): this {
    this.path = path;
    return this;
  }
  ranged(range: Ranged): this {
    this.range = range;
    return this;
  }
  encoded(names: string, mangled?: string): this {
    this.encodings = names;
    this.mangled = mangled;
    return this;
  }
  body(change: (body: Buffer) => Buffer): this {
    this.change = change;
    return this;
  }
  withoutLength(): this {
    this.hasLength = false;
    return this;
  }
  wantsToken(refused?: string): this {
    this.token = { refused: refused === undefined ? null : Number(refused) };
    return this;
  }

  respond({ method, url, headers }: Recorded, content: Buffer, realm: string): Answer {
    if (this.token) {
      const { refused } = this.token;
      if (headers.authorization === undefined || refused !== null) return unauthorized(refused ?? 401, realm);
    }
    if (this.always) return this.always;
    const status =
      this.methods.get(method) ?? this.statuses[this.count++ % Math.max(1, this.statuses.length)];
    if (status !== undefined && status !== 200) return failure(status);
    if (this.path !== null && !url.includes(`/${this.path}/`)) return failure(404);
    const [once] = method === 'GET' ? this.next.splice(0, 1) : [];
    if (once?.status !== undefined) return once as Answer;
    const body = this.change(content);
    if (this.encodings !== null) return this.encodedAnswer(body, once);
    const offset = /^bytes=(\d+)-/.exec(headers.range ?? '')?.[1];
    if (offset !== undefined) return this.rangedAnswer(body, Number(offset));
    return { body, ...this.lengthless(), ...cut(once, body) };
  }

  private encodedAnswer(body: Buffer, once: Once | undefined): Answer {
    const names = this.encodings ?? '';
    const encoded = encode(body, names, this.mangled);
    return { headers: { 'content-encoding': names }, body: encoded, ...cut(once, encoded) };
  }

  private rangedAnswer(body: Buffer, offset: number): Answer {
    const { status = 206, whole, other, silent, ignored } = this.range ?? {};
    if (ignored) return { body };
    if (status >= 400) return failure(status);
    if (whole) return { status, body };
    const at = other ? 0 : offset;
    const range = { 'content-range': `bytes ${at}-${body.length - 1}/${body.length}` };
    return { status, body: body.subarray(at), ...(silent ? {} : { headers: range }) };
  }

  private lengthless(): Pick<Answer, 'headers'> {
    return this.hasLength ? {} : { headers: { 'transfer-encoding': 'chunked' } };
  }
}

function cut(once: Once | undefined, body: Buffer): Pick<Answer, 'cutAfter'> {
  const at = once?.cutAfter;
  if (at === undefined) return {};
  return { cutAfter: at === 'middle' ? Math.floor(body.length / 2) : at };
}

function failure(status: number): Answer {
  if (status === 204) return { status, headers: { 'content-length': '0' } };
  return { status, body: { errors: [{ code: 'DENIED', message: 'said the server' }] } };
}

function unauthorized(status: number, realm: string): Answer {
  return { ...failure(status), headers: { 'www-authenticate': `Bearer realm="${realm}",service="s"` } };
}

const encoders: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: gzipSync,
  'x-gzip': gzipSync,
  deflate: deflateRawSync,
  zstd: zstdCompressSync,
  br: brotliCompressSync,
};

function encode(body: Buffer, names: string, mangled: string | undefined): Buffer {
  if (mangled === 'plain bytes') return body;
  if (mangled === 'the bytes have a zlib header') return deflateSync(body);
  const list = names.split(/[\s,]+/).filter((name) => name !== '');
  const encoded = list.reduce((bytes, name) => encoders[name.toLowerCase()]?.(bytes) ?? bytes, body);
  // A trailer of gzip is eight bytes.
  return mangled === undefined ? encoded : encoded.subarray(0, encoded.length - 8);
}

export class Scenario {
  readonly hosts = new Map<HostId, HostScript>();
  readonly urls = new Map<number, HostScript>();
  image: string | null = null;
  isEmpty = false;
  credentials = false;
  token: Answer = { body: { token: 't0ken', access_token: 't0ken', expires_in: 300 } };
  readonly redirects = new Map<HostId, { readonly to: HostId; readonly isPrivate: boolean }>();
  private lastHost: HostScript | null = null;

  host(id: HostId): HostScript {
    const known = this.hosts.get(id) ?? new HostScript();
    this.hosts.set(id, known);
    this.lastHost = known;
    return known;
  }
  url(number: number): HostScript {
    const known = this.urls.get(number) ?? new HostScript();
    this.urls.set(number, known);
    this.lastHost = known;
    return known;
  }
  /** The host that the phrase before was about. */
  last(): HostScript {
    return this.lastHost ?? this.host('B');
  }
  /** An image whose repository the endpoint rewrites; a token is wanted, so that its scope shows. */
  rewritten(image = 'docker.io/library/alpine', at: HostId = 'B'): void {
    this.image = image;
    this.host(at).wantsToken();
  }
  redirect(from: HostId, to: HostId, isPrivate: boolean): void {
    this.host(from);
    this.redirects.set(from, { to, isPrivate });
    if (isPrivate) this.credentials = true;
    if (to !== from) this.host(to);
  }
}

/** The servers of a scenario, started. */
export interface Servers extends AsyncDisposable {
  readonly servers: Readonly<Record<HostId, ScriptedRegistry>>;
  /** With the names that the cases give the hosts. */
  named(text: string): string;
}

export async function start(scenario: Scenario, content: Buffer): Promise<Servers> {
  const open = new AsyncDisposableStack();
  const servers = {} as Record<HostId, ScriptedRegistry>;
  for (const id of ['A', 'B', 'U', 'T'] as const)
    servers[id] = open.use(await scriptedRegistry((request) => respond(id, request)));
  const respond = (id: HostId, request: Recorded): Answer => {
    if (id === 'T') return scenario.token;
    const redirect = scenario.redirects.get(id);
    const host = scenario.hosts.get(id);
    if (redirect) return redirected(servers[redirect.to].origin, id, redirect, request);
    const number = id === 'U' ? Number(/^\/([12])(?:\?|$)/.exec(request.url)?.[1] ?? 1) : 0;
    const script = scenario.urls.get(number) ?? host;
    return script?.respond(request, content, `${servers.T.origin}/${challengeRealm}`) ?? failure(404);
  };
  return {
    servers,
    named: (text) =>
      Object.entries(servers).reduce((result, [id, { host }]) => result.replaceAll(host, id), text),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

function redirected(
  origin: string,
  from: HostId,
  { to, isPrivate }: { readonly to: HostId; readonly isPrivate: boolean },
  { url, headers }: Recorded,
): Answer {
  if (isPrivate && headers.authorization === undefined) {
    return { ...failure(401), headers: { 'www-authenticate': 'Basic realm="x"' } };
  }
  const path = from === 'U' ? '/elsewhere' : isPrivate ? '/cdn?sig=1' : '/cdn';
  return { status: 307, headers: { location: to === from ? url : origin + path } };
}

export function digestOfContent(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
