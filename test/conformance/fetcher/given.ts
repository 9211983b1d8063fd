/** Reads what a case gives: phrases of English, each by its own rule, until nothing is left. What no rule reads fails the case. */
import type { HostScript, Scenario } from './scenario.ts';

type Apply = (scenario: Scenario, ...captured: string[]) => void;

const hostName =
  '(A|B|one host|the only host|the host|the server|mirror A|upstream B|first url|second url|the url|url)';

function hostOf(scenario: Scenario, name: string): HostScript {
  if (/url/.test(name)) return scenario.url(name.startsWith('second') ? 2 : 1);
  return scenario.host(name.endsWith('A') ? 'A' : 'B');
}

/** One part of a host, or the whole of it. */
const rules: readonly (readonly [pattern: string, apply: Apply])[] = [
  // Hosts that have it, or answer otherwise.
  ['one host serves (?:the blob|it under whatever path it is asked)', (s) => void s.host('B')],
  ['mirror A and upstream B have it', (s) => void [s.host('A'), s.host('B')]],
  ['A and B can only (push|resolve)', (s, can) => void [s.host('A').can(can), s.host('B').can(can)]],
  [`${hostName} can only (push|resolve)`, (s, name, can) => void hostOf(s, name).can(can)],
  [`${hostName} can pull`, (s, name) => void hostOf(s, name)],
  ['A and B have credentials', (s) => void (s.credentials = true)],
  ['A and B (\\d{3})', (s, status) => void [s.host('A').status(status), s.host('B').status(status)]],
  ['both urls (\\d{3})', (s, status) => void [s.url(1).status(status), s.url(2).status(status)]],
  [`${hostName} and ${hostName} have it`, (s, a, b) => void [hostOf(s, a), hostOf(s, b)]],
  ['second serves', (s) => void s.url(2)],
  [`${hostName} has it as a manifest(?: only)?`, (s, name) => void hostOf(s, name).only('manifests')],
  [`${hostName} has a manifest`, (s, name) => void hostOf(s, name).only('manifests')],
  [`${hostName} has it as a blob`, (s, name) => void hostOf(s, name).only('blobs')],
  ['B as a blob', (s) => void s.host('B').only('blobs')],
  [`${hostName} has it`, (s, name) => void hostOf(s, name)],
  ['nobody has it', (s) => void [s.host('A').status('404'), s.host('B').status('404')]],
  ['an empty list', (s) => void (s.isEmpty = true)],
  [`${hostName} refuses connections`, (s, name) => void (/url/.test(name) || hostOf(s, name).refuses())],
  [`${hostName} resets every connection`, (s, name) => void hostOf(s, name).answer({ fault: 'reset' })],
  [`${hostName} alternates (\\d{3}) and (\\d{3})`, (s, name, a, b) => void hostOf(s, name).status(a, b)],
  [
    `${hostName} answers (\\d{3}) with Retry-After (\\d+) once`,
    (s, name, status, after) =>
      void hostOf(s, name).once({ status: Number(status), headers: { 'retry-after': after } }),
  ],
  [
    `${hostName} answers (\\d{3}) with HTML`,
    (s, name, status) =>
      void hostOf(s, name).answer({
        status: Number(status),
        headers: { 'content-type': 'text/html' },
        body: '<html>no</html>',
      }),
  ],
  [
    `${hostName} answers (\\d{3}) with two errors`,
    (s, name, status) =>
      void hostOf(s, name).answer({
        status: Number(status),
        body: {
          errors: [
            { code: 'UNKNOWN', message: 'one' },
            { code: 'DENIED', message: 'two' },
          ],
        },
      }),
  ],
  [
    `${hostName} answers (\\d{3}) without Location`,
    (s, name, status) => void hostOf(s, name).answer({ status: Number(status) }),
  ],
  [
    `${hostName} answers HEAD (\\d{3}) and GET (\\d{3})`,
    (s, name, head, get) => void hostOf(s, name).method('HEAD', head).method('GET', get),
  ],
  [
    `(?:${hostName} )?answers (\\d{3}) to HEAD`,
    (s, name, status) => void hostOf(s, name ?? 'B').method('HEAD', status),
  ],
  [
    `${hostName} answers (\\d{3}) to Range: (bytes=\\S+)`,
    (s, name, status) => void hostOf(s, name).ranged({ status: Number(status) }),
  ],
  [
    `${hostName} answers (\\d{3}) whatever the token`,
    (s, name, status) => void hostOf(s, name).wantsToken(status),
  ],
  [
    `${hostName} answers (\\d{3}) Basic`,
    (s, name, status) =>
      void hostOf(s, name).answer({
        status: Number(status),
        headers: { 'www-authenticate': 'Basic realm="x"' },
      }),
  ],
  [`${hostName} (?:answers )?(\\d{3})`, (s, name, status) => void hostOf(s, name).status(status)],
  [`${hostName} ignores Range`, (s, name) => void hostOf(s, name).ranged({ ignored: true })],
  // The image and its descriptor: the input says the rest.
  ['the image is (\\S+?)(?=,|$)', (s, image) => void (s.image = image)],
  ['A is a mirror of it', (s) => void s.host('A')],
  ['the host has a header of its own', (s) => void s.host('A').ownHeader()],
  ['an index with a url', (s) => void s.url(1)],
  ['an index', () => {}],
  ['the type of an index is given', () => {}],
  ['a url that cannot be parsed', () => {}],
  ['a url without a path', (s) => void s.url(1)],
  ['a url with .* in its path', (s) => void s.url(1)],
  ['HEAD tells no length', (s) => void s.host('B').withoutLength()],
  // Broken bodies.
  ['cut after (\\d+) bytes', (s, at) => void s.last().once({ cutAfter: Number(at) })],
  ['which is cut after (\\d+) bytes', (s, at) => void s.host('U').once({ cutAfter: Number(at) })],
  ['(\\d{3}) with all of it', (s, status) => void s.last().ranged({ status: Number(status), whole: true })],
  [
    '(\\d{3}) with another Content-Range',
    (s, status) => void s.last().ranged({ status: Number(status), other: true }),
  ],
  [
    '(\\d{3}) with the rest and no Content-Range',
    (s, status) => void s.last().ranged({ status: Number(status), silent: true }),
  ],
  ['(\\d{3})', (s, status) => void s.last().status(status)],
  ['seek to .*', () => {}],
  ['gzip encoded and cut in the middle', (s) => void s.last().encoded('gzip').once({ cutAfter: 'middle' })],
  [
    'the body is shorter than the descriptor says, and complete by its length',
    (s) => void s.last().body((b) => b.subarray(0, b.length / 2)),
  ],
  ['the body is longer than the descriptor says', (s) => void s.last().body((b) => Buffer.concat([b, b]))],
  [
    'the body is of the right size and other bytes',
    (s) => void s.last().body((b) => Buffer.alloc(b.length, 'x')),
  ],
  ['descriptor size -?\\d+', () => {}],
  [
    'Content-Encoding: ?([^;]*?)(?:, (the bytes have a zlib header|plain bytes|cut stream with a right length))?$',
    (s, names, how) => void s.last().encoded(names, how),
  ],
  ['gzip content encoding', (s) => void s.last().encoded('gzip')],
  // Parallel requests of nodes; Pratique asks for no chunks.
  ['chunks of \\d+', () => {}],
  ['chunks', () => {}],
  ['two at a time', () => {}],
  ['the third chunk answers (\\d{3})(?: once)?', () => {}],
  // Authentication and redirects.
  ['B wants a token', (s) => void [s.host('B').wantsToken(), (s.credentials = true)]],
  ['no credentials', (s) => void (s.credentials = false)],
  [
    'the token server answers the POST with token and no access_token',
    (s) => void (s.token = { status: 200, body: { token: 't0ken' } }),
  ],
  ['the token server says (\\d{3})', (s, status) => void (s.token = { status: Number(status), body: '' })],
  [
    'B redirects (?:the blob )?to U(, with Authorization)?',
    (s, auth) => s.redirect('B', 'U', auth !== undefined),
  ],
  ['url redirects to A', (s) => s.redirect('U', 'A', false)],
  // Rewrites.
  ['(docker\\.io/\\S+), an endpoint with the rewrite of the origin', (s, image) => s.rewritten(image)],
  ['the same', (s) => s.rewritten()],
  ['FetchByDigest', () => {}],
  ['the endpoint is a mirror on another host', (s) => s.rewritten(undefined, 'A')],
  ['a descriptor with urls', (s) => void [s.rewritten(), s.url(1)]],
  ['B redirects to itself', (s) => s.redirect('B', 'B', false)],
];

const compiled = rules.map(([pattern, apply]) => ({ pattern: new RegExp(`^${pattern}`), apply }));
const separator = /^(?:[,;]\s*|\s+)?(?:then |and )?/;

/** Throws for a phrase that no rule reads. */
export function readGiven(given: string, scenario: Scenario): void {
  let rest = given;
  while (rest !== '') {
    const rule = compiled.find(({ pattern }) => pattern.test(rest));
    const match = rule?.pattern.exec(rest);
    if (!rule || !match) throw new Error(`no script for "${rest}" of "${given}"`);
    rule.apply(scenario, ...match.slice(1));
    rest = rest.slice(match[0].length).replace(separator, '');
  }
}
