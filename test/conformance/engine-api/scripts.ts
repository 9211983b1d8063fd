/** What a case says of its registries, in words, → what each of them does. Words that are not understood fail the case. */
import type { Handler } from '../../kit/fakes/scripted-registry.ts';
import { hostOf, type Role, type Scripts } from '../../kit/engine-api/engine-server.ts';
import {
  emptyRegistry,
  holdingFixtures,
  type ImageFixtures,
  objectRequest,
} from '../../kit/engine-api/image-fixtures.ts';
import type { Behaviour, EngineCase } from './case.ts';

type Handlers = Record<Role, Handler>;

interface Stage {
  readonly vector: EngineCase;
  readonly fixtures: ImageFixtures;
  readonly handlers: Handlers;
  readonly refusing: Role[];
}

type Clause = readonly [words: RegExp, apply: (stage: Stage) => void];

const nothing = (): void => {};
const silence: Handler = () => ({ fault: 'silence' });

/** Clauses of `given`, between commas. What a clause does not change holds: an empty mirror, and a Hub with every image. */
const clauses: readonly Clause[] = [
  [/^no registry involved$/, nothing],
  [/^mirror (?:open and )?empty(?: \(404 MANIFEST_UNKNOWN\))?$/, nothing],
  [/^Hub (?:open|holds \S+)$/, nothing],
  [/^mirror holds \S+$/, ({ handlers, fixtures }) => void (handlers.mirror = holdingFixtures(fixtures))],
  [/^Hub (?:404|empty|is empty)$/, ({ handlers }) => void (handlers.hub = emptyRegistry)],
  [/^mirror refuses connections$/, ({ refusing }) => void refusing.push('mirror')],
  [/^Hub refuses connections$/, ({ refusing }) => void refusing.push('hub')],
  [/^mirror does this/, (stage) => behave(stage, 'mirror')],
  [/^Hub does this$/, (stage) => behave(stage, 'hub')],
  [/^Hub wants (?:a )?Bearer(?: token)?$/, (stage) => wantToken(stage, 'hub')],
  [/^mirror wants (?:a )?Bearer(?: token)?(?: and is empty)?$/, (stage) => wantToken(stage, 'mirror')],
  [
    /^mirror and Hub want (?:a )?Bearer(?: token)?$/,
    (stage) => {
      wantToken(stage, 'mirror');
      wantToken(stage, 'hub');
    },
  ],
  [
    /^mirror and Hub want Basic$/,
    (stage) => {
      wantPassword(stage, 'mirror');
      wantPassword(stage, 'hub');
    },
  ],
  [/^mirror (?:is silent|never answers)$/, ({ handlers }) => void (handlers.mirror = silence)],
  [/^Hub (?:is silent|never answers)$/, ({ handlers }) => void (handlers.hub = silence)],
  [/^Hub wants Basic$/, (stage) => wantPassword(stage, 'hub')],
  [/^mirror wants Basic(?: and is empty)?$/, (stage) => wantPassword(stage, 'mirror')],
  [/^token server does this$/, (stage) => void (stage.handlers.token = tokenTrouble(stage.vector))],
  // Registries that the image names itself: the port in the path decides.
  [/^a registry of its own that refuses connections$/, nothing],
  [/^(?:a )?plain registry on loopback/, nothing],
  [/^(?:then http|404|localhost:port|name that does not resolve)$/, nothing],
];

export function scriptsOf(vector: EngineCase, fixtures: ImageFixtures): Scripts {
  const stage: Stage = { vector, fixtures, handlers: usual(fixtures), refusing: [] };
  for (const words of vector.given.split(', ')) {
    const clause = clauses.find(([pattern]) => pattern.test(words));
    if (!clause) throw new Error(`not understood: given "${words}"`);
    clause[1](stage);
  }
  return stage;
}

/** An empty mirror, and a Hub that has everything. */
export function usual(fixtures: ImageFixtures): Handlers {
  const holding = holdingFixtures(fixtures);
  return {
    mirror: emptyRegistry,
    hub: holding,
    token: () => ({ body: { token: 'tok1', expires_in: 300 } }),
    other: holding,
    plain: holding,
  };
}

/** Only what is asked of an image itself is answered so; its parts are as ever. The mirror then holds the images too. */
function behave({ vector, fixtures, handlers }: Stage, role: 'mirror' | 'hub'): void {
  const normal = holdingFixtures(fixtures);
  const { behaviour = {} } = vector;
  const parts = new Set(
    Object.values(fixtures).flatMap(({ objects }) => objects.map(({ digest }) => digest)),
  );
  handlers[role] = (request) => {
    const asked = objectRequest(request);
    const isPart = asked && (asked.kind === 'blobs' || parts.has(asked.reference));
    const chosen = isPart ? 'as normal' : behaviour[asked ? request.method : 'ping'];
    return answer(chosen ?? 'as normal', normal, role)(request);
  };
}

function answer(behaviour: Behaviour, normal: Handler, role: 'mirror' | 'hub'): Handler {
  if (behaviour === 'as normal') return normal;
  if ('reset' in behaviour) return () => ({ fault: 'reset' });
  const { status, headers = {}, body } = behaviour;
  // Docker Hub is asked over TLS, and a redirect out of it would lead nowhere.
  const scheme = role === 'hub' ? 'https' : 'http';
  const told = Object.entries(headers).map(([name, value]) => [
    name,
    String(value).replace('http://OTHER', `${scheme}://${hostOf.other}`),
  ]);
  // Chunked where no length is told: the server would add one.
  const length = 'content-length' in headers ? {} : { 'transfer-encoding': 'chunked' };
  return () => ({ status, headers: { ...length, ...Object.fromEntries(told) }, ...(body ? { body } : {}) });
}

function wantToken({ handlers }: Stage, role: 'mirror' | 'hub'): void {
  const inner = handlers[role];
  const realm = `${role === 'hub' ? 'https' : 'http'}://${hostOf.token}/token`;
  handlers[role] = (request) => {
    if (request.headers.authorization?.startsWith('Bearer ')) return inner(request);
    const scope = `repository:${objectRequest(request)?.repository ?? ''}:pull`;
    return refusal(`Bearer realm="${realm}",service="${role.toUpperCase()}",scope="${scope}"`);
  };
}

function wantPassword({ handlers }: Stage, role: 'mirror' | 'hub'): void {
  const inner = handlers[role];
  const expected = `Basic ${Buffer.from('user:pass').toString('base64')}`;
  handlers[role] = (request) =>
    request.headers.authorization === expected ? inner(request) : refusal('Basic realm="registry"');
}

function refusal(challenge: string) {
  return {
    status: 401,
    headers: { 'www-authenticate': challenge, 'content-type': 'application/json' },
    body: { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] },
  };
}

/** Told by `behaviour`, or by the last part of the id alone. */
function tokenTrouble({ id, behaviour }: EngineCase): Handler {
  const told = behaviour?.['token'] ?? behaviour?.['GET'];
  if (told !== undefined && told !== 'as normal') return answer(told, () => ({}), 'hub');
  const [, trouble = ''] = /token-server-(.+)$/.exec(id) ?? [];
  if (trouble === 'reset') return () => ({ fault: 'reset' });
  if (trouble === 'not-json') return () => ({ body: 'hello' });
  const status = Number(trouble);
  if (!Number.isInteger(status)) throw new Error(`not understood: what the token server does in ${id}`);
  return () => ({ status, body: { errors: [{ code: 'UNKNOWN', message: 'no' }] } });
}
