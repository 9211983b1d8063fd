/** The registries of one case on loopback: one per endpoint, one that only redirects lead to, and one that nobody has any business to ask. */
import type { Image, StoredManifest } from '../../demo/images.ts';
import {
  type Answer,
  type Handler,
  type Recorded,
  type ScriptedRegistry,
  scriptedRegistry,
} from '../fakes/scripted-registry.ts';
import type { Case, CaseEndpoint } from './case.ts';
import { ociError } from './faults/status.ts';
import { type Question, questionOf } from './question.ts';

export interface Entry {
  /** `mirror 1`, `upstream`, `decoy`, or `elsewhere`, to which only redirects lead. */
  readonly server: string;
  readonly question: Question;
}

/** What the registries were asked by one run. */
export interface Recording {
  readonly entries: readonly Entry[];
  /** Milliseconds since the fault was first met; 0 before. */
  sinceFault(): number;
}

export interface Stage extends AsyncDisposable {
  /** `host:port` of the endpoints in their order. */
  readonly hosts: readonly string[];
  readonly upstream: string;
  readonly decoy: string;
  /** Begins a new recording; the one before gets no more entries. */
  record(): Recording;
}

interface Tape extends Recording {
  readonly entries: Entry[];
  faultAt: number | null;
}

export async function setStage(each: Case): Promise<Stage> {
  let tape = newTape();
  const note = (server: string, question: Question): void => void tape.entries.push({ server, question });
  const start = (server: string, answer: (question: Question, request: Recorded) => Answer) =>
    scriptedRegistry(
      listen((question, request) => {
        note(server, question);
        return answer(question, request);
      }),
    );
  const faultyImage = each.endpoints.find(({ behaviour }) => behaviour === 'fails')?.image;
  const elsewhere = await start('elsewhere', (question) => fromImage(faultyImage, question));
  const decoy = await start('decoy', (question) => fromImage(undefined, question));
  const answer =
    (endpoint: CaseEndpoint, own: () => ScriptedRegistry) => (question: Question, request: Recorded) => {
      const healthy = (asked: Question) =>
        fromImage(endpoint.behaviour === 'misses' ? undefined : endpoint.image, asked);
      if (endpoint.behaviour !== 'fails') return healthy(question);
      tape.faultAt ??= performance.now();
      const place = { origin: own().origin, elsewhere: elsewhere.origin, image: endpoint.image, healthy };
      return each.variant.answer(question, request, place);
    };
  const servers = await Promise.all(
    each.endpoints.map(async (endpoint) => {
      const server: ScriptedRegistry = await start(
        endpoint.name,
        answer(endpoint, () => server),
      );
      return server;
    }),
  );
  const hosts = servers.map(({ host }) => host);
  return {
    hosts,
    upstream: hosts.at(-1) ?? '',
    decoy: decoy.host,
    record: () => (tape = newTape()),
    async [Symbol.asyncDispose]() {
      await Promise.all([...servers, elsewhere, decoy].map((server) => server.close()));
    },
  };
}

function newTape(): Tape {
  const tape: Tape = {
    entries: [],
    faultAt: null,
    sinceFault: () => (tape.faultAt === null ? 0 : performance.now() - tape.faultAt),
  };
  return tape;
}

function listen(answer: (question: Question, request: Recorded) => Answer): Handler {
  return (request) => answer(questionOf(request.url), request);
}

/** A registry that holds `image` under every tag of every repository. */
function fromImage(image: Image | undefined, { kind, key }: Question): Answer {
  if (kind === 'ping') return { body: {} };
  if (kind === 'manifest') {
    const found = image && manifestOf(image, key);
    return found ? stored(found, found.mediaType) : ociError(404, 'MANIFEST_UNKNOWN');
  }
  const blob = image?.blobs.find(({ digest }) => digest === key);
  return blob ? stored(blob, 'application/octet-stream') : ociError(404, 'BLOB_UNKNOWN');
}

function manifestOf({ root, children }: Image, key: string): StoredManifest | undefined {
  return key.includes(':') ? [root, ...children].find(({ digest }) => digest === key) : root;
}

function stored({ digest, body }: { digest: string; body: Buffer }, type: string): Answer {
  return { headers: { 'content-type': type, 'docker-content-digest': digest }, body };
}
