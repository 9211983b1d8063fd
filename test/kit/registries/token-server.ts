/** A token server as a registry with token auth expects it: ES256 JWTs, anonymous or by Basic credentials. */
import { createHash, createSign, randomUUID, X509Certificate } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TokenRequest {
  readonly method: string;
  readonly scope: string | null;
  readonly service: string | null;
  readonly authorization: string | null;
}

export interface TokenServer extends AsyncDisposable {
  readonly realm: string;
  /** Every request, oldest first. */
  readonly log: TokenRequest[];
}

export interface TokenServerOptions {
  readonly issuer: string;
  readonly service: string;
  /** PEM texts of an EC pair from a CA that the registry trusts. */
  readonly certificate: string;
  readonly key: string;
  /** Repositories that need `user:password`; others are for everybody. */
  readonly secured?: ReadonlyMap<string, string>;
}

export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const log: TokenRequest[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://token');
    const scope = url.searchParams.get('scope');
    const authorization = request.headers.authorization ?? null;
    log.push({
      method: request.method ?? '',
      scope,
      service: url.searchParams.get('service'),
      authorization,
    });
    if (request.method !== 'GET') {
      response.writeHead(405).end();
      return;
    }
    const access = url.searchParams
      .getAll('scope')
      .flatMap((one) => grant(one, authorization, options.secured ?? new Map()));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ token: sign(options, access), expires_in: 300 }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    realm: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    log,
    [Symbol.asyncDispose]() {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

function grant(scope: string, authorization: string | null, secured: ReadonlyMap<string, string>) {
  const [type = '', name = '', actions = ''] = scope.split(':');
  const wanted = secured.get(name);
  const given = authorization?.startsWith('Basic ')
    ? Buffer.from(authorization.slice(6), 'base64').toString()
    : null;
  if (wanted !== undefined && given !== wanted) return [];
  return [{ type, name, actions: actions.split(',') }];
}

function sign({ issuer, service, certificate, key }: TokenServerOptions, access: readonly object[]): string {
  const now = Math.floor(Date.now() / 1000);
  const der = new X509Certificate(certificate).raw;
  const header = {
    typ: 'JWT',
    alg: 'ES256',
    x5c: [der.toString('base64')],
    kid: createHash('sha256').update(der).digest('hex'),
  };
  const claims = {
    iss: issuer,
    sub: '',
    aud: service,
    exp: now + 300,
    nbf: now - 10,
    iat: now,
    jti: randomUUID(),
    access,
  };
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const input = `${encode(header)}.${encode(claims)}`;
  // JOSE wants the two bare numbers, and not ASN.1.
  const signature = createSign('SHA256').update(input).sign({ key, dsaEncoding: 'ieee-p1363' }, 'base64url');
  return `${input}.${signature}`;
}
