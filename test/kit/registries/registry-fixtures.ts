/** Registries as people run them, each a real process: plain, TLS with passwords, with tokens, and a pull-through proxy. */
import { hashSync } from 'bcryptjs';
import type { Image } from './images.ts';
import { type Authority, authority } from '../fakes/certificates.ts';
import { type RunningRegistry, startRegistry } from './docker-registry.ts';
import { push } from './push.ts';
import { startTokenServer, type TokenServer } from './token-server.ts';

export interface Stand extends AsyncDisposable {
  readonly registry: RunningRegistry;
  /** PEM; '' where it speaks plain http. */
  readonly ca: string;
  /** Gives the digest under which the registry has it. */
  put(repository: string, tag: string, image: Image): Promise<string>;
}

export interface TokenStand extends Stand {
  readonly tokens: TokenServer;
}

/** Who may pull from the registries that ask. */
export const login = { username: 'pratique', password: 'correct-horse-battery-staple' } as const;

const basic = Buffer.from(`${login.username}:${login.password}`).toString('base64');

/** A docker config that knows `host`, as `docker login` writes it. */
export function dockerConfig(host: string, auth = basic): string {
  return JSON.stringify({ auths: { [host]: { auth } } });
}

export async function plainStand(): Promise<Stand> {
  const registry = await startRegistry();
  return {
    registry,
    ca: '',
    put: (repository, tag, image) => push({ url: registry.url }, repository, tag, image),
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  };
}

/** TLS by `ca`, reached as `name`. */
export async function tlsStand(ca: Authority, name: string): Promise<Stand> {
  const registry = await startRegistry({ tls: await ca.leaf({ names: [name, '127.0.0.1'] }) });
  return {
    registry,
    ca: ca.cert,
    put: (repository, tag, image) => push({ url: registry.url, ca: ca.cert }, repository, tag, image),
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  };
}

/** TLS by a CA of its own, and a password for everything. */
export async function passwordStand(): Promise<Stand> {
  const ca = await authority();
  const registry = await startRegistry({
    tls: await ca.leaf({ names: ['127.0.0.1'] }),
    htpasswd: `${login.username}:${hashSync(login.password, 4)}\n`,
  });
  const target = { url: registry.url, ca: ca.cert, authorization: `Basic ${basic}` };
  return {
    registry,
    ca: ca.cert,
    put: (repository, tag, image) => push(target, repository, tag, image),
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  };
}

/** Bearer tokens: for everybody, but for the repositories in `secured`. */
export async function tokenStand(secured: readonly string[]): Promise<TokenStand> {
  const ca = await authority();
  const { cert, key } = await ca.leaf({ names: ['tokens'] });
  const names = { issuer: 'pratique-tests', service: 'registry' };
  const tokens = await startTokenServer({
    ...names,
    certificate: cert,
    key,
    secured: new Map(secured.map((repository) => [repository, `${login.username}:${login.password}`])),
  });
  const registry = await startRegistry({ token: { ...names, realm: tokens.realm, certificate: ca.cert } });
  return {
    registry,
    tokens,
    ca: '',
    async put(repository, tag, image) {
      const scope = `repository:${repository}:pull,push`;
      const answer = await fetch(`${tokens.realm}?service=registry&scope=${scope}`, {
        headers: { authorization: `Basic ${basic}` },
      });
      const { token } = (await answer.json()) as { token: string };
      return push({ url: registry.url, authorization: `Bearer ${token}` }, repository, tag, image);
    },
    async [Symbol.asyncDispose]() {
      await tokens[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
    },
  };
}

/** A pull-through cache of a plain registry; what is put goes to the latter. */
export async function proxyStand(): Promise<Stand> {
  const origin = await plainStand();
  const registry = await startRegistry({ proxy: origin.registry.url });
  return {
    registry,
    ca: '',
    put: (repository, tag, image) => origin.put(repository, tag, image),
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      await origin[Symbol.asyncDispose]();
    },
  };
}
