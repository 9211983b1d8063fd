/** The registries of one case on loopback: one per endpoint, one that only redirects lead to, and one that nobody has any business to ask. */
import type { Image, StoredManifest } from '../kit/registries/images.ts';
import {
  type Answer,
  type Recorded,
  type ScriptedRegistry,
  scriptedRegistry,
} from '../kit/fakes/scripted-registry.ts';
import type { Case, CaseEndpoint } from './case.ts';
import { ociError } from './faults/status.ts';
import type { Variant } from './faults/variant.ts';
import { type Question, questionOf } from './query.ts';

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
  const start = (server: string, answer: Script): Promise<ScriptedRegistry> =>
    scriptedRegistry((request) => {
      const question = questionOf(request.url);
      tape.entries.push({ server, question });
      return answer(question, request);
    });
  const faulty = each.endpoints.find(({ behaviour }) => behaviour === 'fails');
  const elsewhere = await start('elsewhere', registryOf(faulty?.image));
  const decoy = await start('decoy', registryOf(undefined));
  const script = (endpoint: CaseEndpoint): Script => {
    if (endpoint !== faulty) return registryOf(endpoint.behaviour === 'serves' ? endpoint.image : undefined);
    return broken(each.variant, endpoint.image, elsewhere.origin, () => {
      tape.faultAt ??= performance.now();
    });
  };
  const servers = await Promise.all(each.endpoints.map((endpoint) => start(endpoint.name, script(endpoint))));
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

type Script = (question: Question, request: Recorded) => Answer;

/** A registry that would hold `image` but for its fault. */
function broken(variant: Variant, image: Image, elsewhere: string, met: () => void): Script {
  const healthy = registryOf(image);
  return (question, request) => {
    met();
    const origin = `http://${request.headers.host}`;
    return variant.answer(question, request, { origin, elsewhere, image, healthy });
  };
}

/** A registry that holds `image` under every tag of every repository. */
function registryOf(image: Image | undefined): (question: Question) => Answer {
  return ({ kind, key }) => {
    if (kind === 'ping') return { body: {} };
    if (kind === 'manifest') {
      const found = image && manifestOf(image, key);
      return found ? stored(found, found.mediaType) : ociError(404, 'MANIFEST_UNKNOWN');
    }
    const blob = image?.blobs.find(({ digest }) => digest === key);
    return blob ? stored(blob, 'application/octet-stream') : ociError(404, 'BLOB_UNKNOWN');
  };
}

function manifestOf({ root, children }: Image, key: string): StoredManifest | undefined {
  return key.includes(':') ? [root, ...children].find(({ digest }) => digest === key) : root;
}

function stored({ digest, body }: { digest: string; body: Buffer }, type: string): Answer {
  return { headers: { 'content-type': type, 'docker-content-digest': digest }, body };
}
