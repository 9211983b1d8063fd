/** What a case of `--deep` wants, member by member. A member that no check knows fails the case, and so does one that says nothing. */
import type { Recorded } from '../../kit/fakes/scripted-registry.ts';
import { type DeepObserved, DeepScenario, runDeep } from './deep-scenario.ts';

interface Seen {
  readonly observed: DeepObserved;
  readonly scenario: DeepScenario;
}

/** null, at once or later: as wanted; else what it was instead. */
type Check = (seen: Seen, want: unknown) => unknown;

// Results that only an endpoint, and so a part, can have.
const ofParts = new Set(['malformed', 'rate-limited', 'tls']);

const same = (got: unknown, want: unknown): unknown =>
  JSON.stringify(got) === JSON.stringify(want) ? null : { got, want };

const lines = (requests: readonly Recorded[]): string[] =>
  requests.map(({ method, url }) => `${method} ${url}`);

const ofLayer = ({ requests, layers }: DeepObserved) =>
  [...requests.A, ...requests.B].filter(({ url }) => url.includes(layers[0] ?? '-'));

const checks: Readonly<Record<string, Check>> = {
  result({ observed }, want) {
    if (want === 'by that answer') return same(observed.image.result, 'available');
    if (!ofParts.has(String(want))) return same(observed.image.result, want);
    return observed.image.parts.some(({ result }) => result === want) ? null : observed.image.parts;
  },
  reason({ observed: { image } }, want) {
    const reasons = [image.reason, ...image.parts.map(({ reason }) => reason)];
    return reasons.includes(String(want)) ? null : reasons;
  },
  exit: ({ observed }, want) => same(observed.exit, want),
  messageHas({ observed: { image, layers } }, want) {
    return image.message.includes(String(want).replace('DIGEST', layers[0] ?? '-')) ? null : image.message;
  },
  warning: ({ observed: { image } }, want) =>
    image.warnings.some(({ code }) => code === want) ? null : image.warnings,
  missingPlatforms({ observed: { image }, scenario }, want) {
    const lost = want === 'that platform' ? [`linux/${scenario.platforms.at(-1)}`] : want;
    return same(image.missingPlatforms, lost);
  },
  requestsAtMost({ observed: { requests } }, want) {
    const sent = requests.A.length + requests.B.length;
    return sent <= Number(want) ? null : sent;
  },
  inFlightAtMost: ({ observed }, want) =>
    observed.inFlight <= Number.parseInt(String(want), 10) ? null : observed.inFlight,
  tokens: ({ observed }, want) => same(observed.requests.T.length, want),
  requests: (seen, want) => requested(seen, String(want)),
  note: (seen, want) => noted(seen, String(want)),
};

function requested({ observed }: Seen, want: string): unknown {
  const { requests } = observed;
  const blobs = [...requests.A, ...requests.B].filter(({ url }) => url.includes('/blobs/'));
  const first = requests.U[0];
  if (want.startsWith('1 manifest + 1 HEAD')) {
    const wanted = observed.image.parts.filter(({ kind }) => kind !== 'manifest').length;
    const heads = new Set(lines(blobs));
    const manifests = lines([...requests.A, ...requests.B]).filter((line) =>
      /^GET .*\/manifests\//.test(line),
    );
    const children = observed.children.length > 1 ? observed.children.length : 0;
    const right = blobs.length === wanted && heads.size === wanted && manifests.length === 1 + children;
    return right && blobs.every(({ method }) => method === 'HEAD')
      ? null
      : lines([...requests.A, ...requests.B]);
  }
  if (want.startsWith('HEAD of the url first')) {
    const isBare =
      first?.method === 'HEAD' &&
      first.url === '/1' &&
      first.headers.authorization === undefined &&
      first.headers['x-own'] === undefined;
    return isBare && ofLayer(observed).length === 0 ? null : lines(requests.U);
  }
  if (want === 'at the registry, as any layer') {
    return ofLayer(observed).length > 0 && requests.U.length === 0 ? null : lines(blobs);
  }
  if (want === 'none') return same([lines(requests.U), lines(ofLayer(observed))], [[], []]);
  if (want.startsWith('one GET with Range: bytes=0-0')) {
    const gets = ofLayer(observed).filter(({ method }) => method === 'GET');
    const atTarget = requests.U.every(({ headers }) => headers.authorization === undefined);
    return gets.length === 1 && gets[0]?.headers.range === 'bytes=0-0' && atTarget ? null : lines(gets);
  }
  if (want === 'one for each digest and endpoint') {
    const heads = lines(blobs).filter((line) => line.startsWith('HEAD'));
    return same(heads.length, new Set(heads).size);
  }
  return `no check for "${want}"`;
}

/** What comes of URLs that do not serve is a member of the cases, `then`, which no object of functions may have. */
function checkOf(member: string): Check {
  if (member === 'then') return ({ scenario }) => nextUrls(scenario);
  return checks[member] ?? (() => 'no check for it');
}

/** 404 goes on to the next URL and at last to the registry; any other failure ends the layer, as on the node. */
async function nextUrls({ layers }: DeepScenario): Promise<unknown> {
  const run = async (first: number, second: number) => {
    const scenario = new DeepScenario();
    scenario.layers = layers;
    scenario.external.set('/1', () => ({ status: first }));
    scenario.external.set('/2', () => ({ status: second }));
    return await runDeep(scenario);
  };
  const nowhere = await run(404, 404);
  const refused = await run(500, 200);
  const right =
    nowhere.image.result === 'available' &&
    ofLayer(nowhere).length === 1 &&
    refused.image.result === 'unavailable' &&
    ofLayer(refused).length === 0 &&
    refused.requests.U.every(({ url }) => url === '/1');
  return right ? null : { nowhere: nowhere.image, refused: refused.image };
}

async function noted({ observed, scenario }: Seen, note: string): Promise<unknown> {
  if (note.startsWith('without --deep this is available')) {
    const shallow = Object.assign(new DeepScenario(), scenario, { arguments: [] });
    return same((await runDeep(shallow)).image.result, 'available');
  }
  if (note.includes('no more GETs of manifests')) {
    const shallow = await runDeep(Object.assign(new DeepScenario(), scenario, { arguments: [] }));
    const gets = ({ requests }: DeepObserved) =>
      lines(requests.B).filter((line) => line.startsWith('GET') && line.includes('/manifests/')).length;
    return gets(observed) <= gets(shallow) + observed.children.length ? null : lines(observed.requests.B);
  }
  if (note.startsWith('never deep') || note === 'no chunks here') {
    const ranges = ofLayer(observed).filter(({ headers }) => /-\d|[1-9]\d*-/.test(headers.range ?? ''));
    const asked = note === 'no chunks here' ? ranges : ofLayer(observed);
    return same(lines(asked), []);
  }
  if (note === 'not for an encoded answer') {
    const encoded = Object.assign(new DeepScenario(), scenario);
    encoded.scripts.set('B layer', ({ method }) =>
      method === 'HEAD' ? { headers: { 'content-encoding': 'gzip', 'content-length': '7' } } : null,
    );
    return same((await runDeep(encoded)).image.result, 'available');
  }
  if (note.startsWith('the node falls through') || note.startsWith('overlayfs')) return null;
  return `no check for the note "${note}"`;
}

/** Disagreements with what the case wants, by member; null when there are none. */
export async function deepDisagreements(want: object, seen: Seen): Promise<object | null> {
  const found: [string, unknown][] = [];
  for (const [member, value] of Object.entries(want)) {
    const got = await checkOf(member)(seen, value);
    if (got !== null) found.push([member, got]);
  }
  return found.length === 0 ? null : Object.fromEntries(found);
}
