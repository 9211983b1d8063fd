/**
 * Engine API as an express application: it checks the client, the version and the route. `distribution.ts`
 * looks images up.
 */
import { arch } from 'node:os';
import express, { type NextFunction, type Request, type Response } from 'express';
import { type Answer, errorAnswer, jsonAnswer, textAnswer } from './http-answer.ts';
import { browserProblem } from './browser-guard.ts';
import { type ImageLookup, inspectDistribution } from './distribution.ts';
import { openapiDocument } from './generated/document.ts';
import type { SystemVersion } from './generated/schemas.ts';
import { validateDistributionInspect, validateErrorResponse } from './generated/validators.js';
import { decodeRegistryAuth } from './registry-auth.ts';
import {
  maxApiVersion,
  minApiVersion,
  parseRequestTarget,
  type RequestTarget,
  readsJsonErrors,
  type EngineRoute,
  versionProblem,
} from './request-target.ts';

export interface EngineAppOptions {
  /** Version of Pratique. */
  readonly version: string;
  readonly socket: 'unix' | 'tcp';
  /**
   * Called for every request, so that each is served with the configuration that is active when it arrives.
   */
  readonly lookup: () => ImageLookup;
  readonly observer: EngineApiObserver;
}

export interface EngineApiObserver {
  /** Called when a request has ended; `status` is null if its client left before the answer was complete. */
  answered(status: number | null): void;
  /** Called for a programming error; the request was answered with status 500. */
  requestFailed(error: unknown): void;
}

/**
 * Limit of requests in flight. Each holds connections to registries and up to 4 MiB of manifest: 64 at once
 * take 256 MiB at worst.
 */
const maxInFlight = 64;

type Known = Extract<RequestTarget, { kind: 'known' }>;

/** Creates the application, which answers every request; the caller only listens. */
export function createEngineApp(options: EngineAppOptions): express.Express {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  const api = new EngineApi(options);
  app.use((request: Request, response: Response) => {
    response.once('close', () =>
      options.observer.answered(response.writableFinished ? response.statusCode : null),
    );
    return api.serve(request, response);
  });
  // The default handler of express would show the stack trace. express recognises an error handler by its
  // four parameters.
  app.use((error: unknown, _: Request, response: Response, _next: NextFunction) => {
    options.observer.requestFailed(error);
    send(response, errorAnswer(500, 'internal error'));
  });
  return app;
}

class EngineApi {
  readonly #options: EngineAppOptions;
  #inFlight = 0;

  constructor(options: EngineAppOptions) {
    this.#options = options;
  }

  async serve(request: Request, response: Response): Promise<void> {
    const target = parseRequestTarget(request.originalUrl);
    const known = target.kind === 'known' && answers(request.method, target.route) ? target : null;
    if (known) this.#setHeaders(response);
    const problem = browserProblem(request.headers, this.#options.socket);
    if (problem !== null) return send(response, errorAnswer(403, problem));
    if (target.kind === 'malformed') {
      return send(response, errorAnswer(400, `invalid URL escape ${JSON.stringify(target.escape)}`));
    }
    if (!known) return send(response, errorAnswer(404, 'page not found'));
    send(response, refuseVersion(known) ?? (await this.#answer(request, response, known.route)));
  }

  /** Sets the headers of dockerd's middleware, which are on every answer of a route that exists. */
  #setHeaders(response: Response): void {
    response.setHeader('Api-Version', maxApiVersion);
    response.setHeader('Ostype', 'linux');
    response.setHeader('Docker-Experimental', 'false');
    response.setHeader('Server', `Pratique/${this.#options.version} (linux)`);
  }

  async #answer(request: Request, response: Response, route: EngineRoute): Promise<Answer> {
    if (request.method === 'OPTIONS') return { status: 200, headers: {}, body: '' };
    switch (route.kind) {
      case 'ping':
        return answerPing(request.method);
      case 'version':
        return jsonAnswer(200, systemVersion(this.#options.version));
      case 'document':
        return { status: 200, headers: { 'content-type': 'application/yaml' }, body: openapiDocument };
      case 'distribution':
        return await this.#inspect(request, response, route.name);
      case 'other':
        throw new Error('only OPTIONS is answered on other paths');
      default:
        return route satisfies never;
    }
  }

  async #inspect(request: Request, response: Response, name: string): Promise<Answer> {
    if (this.#inFlight >= maxInFlight) {
      const message = `more than ${maxInFlight} requests are being served; try again`;
      return errorAnswer(503, message, { 'retry-after': '1' });
    }
    this.#inFlight++;
    try {
      const given = decodeRegistryAuth(request.get('x-registry-auth'));
      const signal = goneSignal(response);
      return checked(await inspectDistribution(name, given, this.#options.lookup(), signal));
    } finally {
      this.#inFlight--;
    }
  }
}

/** Returns true if a route accepts the method. HEAD is accepted only for the ping, as in dockerd. */
function answers(method: string, route: EngineRoute): boolean {
  if (method === 'OPTIONS') return true;
  return route.kind !== 'other' && (method === 'GET' || (method === 'HEAD' && route.kind === 'ping'));
}

function refuseVersion({ version, route }: Known): Answer | null {
  const problem = version === null ? null : versionProblem(version, route);
  if (problem === null) return null;
  return readsJsonErrors(version) ? errorAnswer(400, problem) : textAnswer(400, `${problem}\n`);
}

function answerPing(method: string): Answer {
  const headers = { 'cache-control': 'no-cache, no-store, must-revalidate', pragma: 'no-cache' };
  return textAnswer(200, method === 'HEAD' ? '' : 'OK', headers);
}

function systemVersion(version: string): SystemVersion {
  const common = {
    ApiVersion: maxApiVersion,
    MinAPIVersion: minApiVersion,
    Os: 'linux',
    Arch: goArchitecture(arch()),
  } as const;
  return {
    Platform: { Name: 'Pratique' },
    Version: version,
    ...common,
    Components: [{ Name: 'Engine', Version: version, Details: { ...common } }],
  };
}

/** Converts Node.js's name of an architecture to Go's where the two differ. */
function goArchitecture(architecture: string): string {
  const words: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };
  return words[architecture] ?? architecture;
}

/** Returns a signal that aborts when the client leaves before its answer is complete. */
function goneSignal(response: Response): AbortSignal {
  const controller = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** Returns the answer after checking its body against the OpenAPI document. */
function checked(answer: Answer): Answer {
  const body: unknown = JSON.parse(answer.body);
  const isPromised = answer.status === 200 ? validateDistributionInspect(body) : validateErrorResponse(body);
  if (!isPromised) throw new Error(`the body of a ${answer.status} is not what the document promises`);
  return answer;
}

function send(response: Response, { status, headers, body }: Answer): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}
