/** Cases of containerd's fetcher and of `inspect --deep`, against the real code over real sockets. */
import { isDeepStrictEqual } from 'node:util';
import { Rewrite } from '../../../src/resolve/endpoints/containerd/rewrite.ts';
import { deepDisagreements } from '../fetcher/check-deep.ts';
import { disagreements } from '../fetcher/check-fetch.ts';
import { readDeepGiven } from '../fetcher/deep-given.ts';
import { runDeep } from '../fetcher/deep-scenario.ts';
import { readGiven } from '../fetcher/given.ts';
import { type FetchInput, type Observed, runFetch } from '../fetcher/run-fetch.ts';
import { digestOfContent, Scenario, start } from '../fetcher/scenario.ts';
import type { Case, Outcome, Runner } from '../runner.ts';

interface FetchCase extends Case {
  readonly given: string;
  readonly input: FetchInput;
  readonly want: object;
  readonly containerd?: { readonly requests?: readonly ContainerdRequest[] };
  readonly sameAsContainerd?: boolean;
}

interface ContainerdRequest {
  readonly to: string;
  readonly method: string;
  readonly url: string;
  readonly accept?: string;
  readonly acceptEncoding?: string;
  readonly range?: string;
}

/** Not text, so that every byte is at its own place. */
function contentOf(size: number): Buffer {
  return Buffer.from(Array.from({ length: size > 0 ? size : 100 }, (_, index) => (index * 7 + 3) % 251));
}

async function observe(
  vector: FetchCase,
  content: Buffer,
  rewrites: readonly Rewrite[] = [],
): Promise<{ observed: Observed; scenario: Scenario }> {
  const scenario = new Scenario();
  readGiven(vector.given, scenario);
  if (!scenario.isEmpty && !scenario.hosts.has('A') && !scenario.hosts.has('B')) scenario.host('B');
  if (vector.kind === 'urls') withOthers(scenario);
  await using servers = await start(scenario, content);
  const observed = await runFetch(vector.input, scenario, servers, digestOfContent(content), rewrites);
  const named = (text: string) => servers.named(text).replaceAll(digestOfContent(content), 'DIGEST');
  const requests = Object.fromEntries(
    Object.entries(observed.requests).map(([id, list]) => [
      id,
      list.map((request) => ({
        ...request,
        url: named(
          decodeURIComponent(request.url).includes('ns=') ? decodeURIComponent(request.url) : request.url,
        ),
      })),
    ]),
  ) as unknown as Observed['requests'];
  return { observed: { ...observed, requests }, scenario };
}

/** Beside external URLs there are always a mirror and an upstream, which have nothing where nothing else is given. */
function withOthers(scenario: Scenario): void {
  for (const id of ['A', 'B'] as const) if (!scenario.hosts.has(id)) scenario.host(id).status('404');
}

async function check(vector: FetchCase): Promise<Outcome> {
  const size = vector.input.descriptor?.size ?? 100;
  const content = contentOf(size);
  const { observed, scenario } = await observe(vector, content);
  const found = {
    ...disagreements(vector.want, observed, scenario),
    ...(await sizeZero(vector, observed)),
    ...wrongBytes(vector, observed, content),
    ...(vector.sameAsContainerd ? otherRequests(vector, observed) : {}),
    ...missingHeader(scenario, observed),
  };
  return Object.keys(found).length === 0 ? { ok: true } : { ok: false, want: vector.want, got: found };
}

/** Only the digest of nothing is right for nothing, and it costs no request. */
async function sizeZero(vector: FetchCase, observed: Observed): Promise<object> {
  if (vector.input.descriptor?.size !== 0) return {};
  const nothing = await observe(vector, Buffer.alloc(0));
  const right = observed.result === 'malformed' && nothing.observed.result === 'available';
  return right ? {} : { zero: [observed.result, nothing.observed.result] };
}

/** Whatever is available is what the descriptor names. */
function wrongBytes({ input }: FetchCase, { result, bytes }: Observed, content: Buffer): object {
  if (result !== 'available') return {};
  const right = bytes.equals(content.subarray(input.seek ?? 0));
  return right ? {} : { bytes: bytes.length };
}

function missingHeader(scenario: Scenario, { requests }: Observed): object {
  const own = (['A', 'B'] as const).filter((id) => scenario.hosts.get(id)?.hasOwnHeader);
  const lost = own.filter((id) => requests[id].some(({ headers }) => headers['x-own'] !== 'yes'));
  return lost.length === 0 ? {} : { headerLostAt: lost };
}

// Retries in a row are containerd's own business; who is let in by which header is that of its kind.
const comparable = new Set(['fetch', 'urls', 'range', 'encoding', 'status', 'redirect']);

/** Where the case wants what containerd does, the same requests reach every host, with the same headers. */
function otherRequests(vector: FetchCase, { requests }: Observed): object {
  if (!comparable.has(vector.kind ?? '')) return {};
  const found = (['A', 'B', 'U'] as const).flatMap((id) => {
    const wanted = (vector.containerd?.requests ?? []).filter(({ to }) => to === id).map(lineOf);
    const sent = requests[id].map(({ method, url, headers }) =>
      lineOf({
        to: id,
        method,
        url,
        accept: String(headers.accept),
        ...(headers['accept-encoding'] === undefined ? {} : { acceptEncoding: headers['accept-encoding'] }),
        ...(headers.range === undefined ? {} : { range: headers.range }),
      }),
    );
    return isDeepStrictEqual(withoutRepeats(wanted), withoutRepeats(sent))
      ? []
      : [[id, { wanted, sent }] as const];
  });
  return Object.fromEntries(found);
}

function lineOf({ method, url, accept, acceptEncoding, range }: ContainerdRequest): string {
  return [method, url, accept, acceptEncoding ?? '-', range ?? '-'].join(' | ');
}

function withoutRepeats(lines: readonly string[]): readonly string[] {
  return lines.filter((line, index) => line !== lines[index - 1]);
}

interface RewriteCase extends Case {
  readonly given: string;
  readonly rewrite: Readonly<Record<string, string>>;
  readonly want: {
    /** `GET /v2/my-org/alpine/blobs/DIGEST`, maybe `HEAD …, then GET of the same path`. */
    readonly request?: string;
    readonly scope?: string;
    readonly query?: string;
  };
}

/** External URLs and the path of an index are given in words; the rest of the input follows from the kind. */
function rewriteInput(given: string): FetchInput {
  const mediaType = given.includes('index')
    ? 'application/vnd.oci.image.index.v1+json'
    : 'application/vnd.oci.image.layer.v1.tar+gzip';
  if (given.includes('FetchByDigest')) return { op: 'byDigest' };
  return {
    op: 'fetch',
    descriptor: {
      mediaType,
      size: 100,
      ...(given.includes('urls') ? { urls: ['http://U/library/alpine'] } : {}),
    },
  };
}

async function checkRewrite({ given, rewrite, want, ...vector }: RewriteCase): Promise<Outcome> {
  const rules = Object.entries(rewrite).map(([pattern, replacement]) => new Rewrite(pattern, replacement));
  const content = contentOf(100);
  const input = rewriteInput(given);
  const { observed } = await observe({ ...vector, given, input, want }, content, rules);
  const { A, B, U, T } = observed.requests;
  const asked = [...A, ...B].map(({ method, url }) => `${method} ${url}`);
  const [request, method] = want.request?.split(/, then (GET) of the same path/) ?? [];
  const path = request?.split(' ')[1];
  const wanted = [request, method === undefined ? undefined : `${method} ${path}`].filter(
    (each) => each !== undefined,
  );
  const wrong = {
    ...(observed.result === 'available' ? {} : { result: observed.result }),
    ...(wanted.every((each) => asked.includes(each)) ? {} : { asked }),
    ...(want.scope === undefined ||
    T.every(({ url }) => decodeURIComponent(url).includes(`scope=${want.scope}`))
      ? {}
      : { T }),
    ...(want.query === undefined || asked.every((each) => each.endsWith(`?${want.query}`)) ? {} : { asked }),
    // A URL is asked as written, by nobody in particular.
    ...(input.descriptor?.urls === undefined || (asked.length === 0 && isBare(U)) ? {} : { U }),
  };
  return Object.keys(wrong).length === 0 ? { ok: true } : { ok: false, want, got: wrong };
}

function isBare(requests: Observed['requests']['U']): boolean {
  return (
    requests.length > 0 &&
    requests.every(({ url, headers }) => url === '/library/alpine' && headers.authorization === undefined)
  );
}

interface DeepCase extends Case {
  readonly given: string;
  readonly want: object;
}

async function checkDeep({ given, want }: DeepCase): Promise<Outcome> {
  for (const scenario of readDeepGiven(given)) {
    const observed = await runDeep(scenario);
    const got = await deepDisagreements(want, { observed, scenario });
    if (got) return { ok: false, want, got };
  }
  return { ok: true };
}

export const runner: Runner = {
  fetch: check,
  urls: check,
  range: check,
  size: check,
  encoding: check,
  status: check,
  transport: check,
  auth: check,
  redirect: check,
  digest: check,
  rewrite: checkRewrite,
  parallel: checkDeep,
  deep: checkDeep,
};
