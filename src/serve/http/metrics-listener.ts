/** Plain HTTP listener of `/metrics`, `/healthz` and `/readyz` for the kubelet and Prometheus. */
import { createServer } from 'node:http';
import express, { type NextFunction, type Request, type Response } from 'express';
import { Drain, type DrainTimes } from './drain.ts';
import { type ConnectionLimits, limitConnections } from './limits/connection-limits.ts';
import { listen } from './listen.ts';
import type { ListenAddress } from './listen-address.ts';
import type { CheckResult, Readiness } from './readiness.ts';

export interface MetricsListenerOptions {
  readonly address: ListenAddress;
  readonly readiness: Readiness;
  readonly metrics: { readonly contentType: string; render(): Promise<string> };
}

const key = 'server.metrics.listen';
/** Limits of connections: the kubelet and some Prometheus servers need only a few. */
const connectionLimits: ConnectionLimits = { total: 200, perPeer: 50, unusedMs: 5_000, isAllowed: null };
/** Scrapes are few and small, so connections are closed a second after the webhook has drained. */
const drainTimes: DrainTimes = { graceMs: 0, lingerMs: 0, deadlineMs: 1_000 };

/**
 * Listener that must be stopped last, because the kubelet has to see `/readyz` fail while the webhook drains.
 */
export class MetricsListener {
  readonly #options: MetricsListenerOptions;
  #drain: Drain | null = null;

  constructor(options: MetricsListenerOptions) {
    this.#options = options;
  }

  /**
   * Resolves with the bound address.
   * @throws {ListenError}
   */
  async start(): Promise<ListenAddress> {
    const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 10_000 }, this.#app());
    limitConnections(server, connectionLimits);
    this.#drain = new Drain(server, drainTimes);
    return listen(server, this.#options.address, key);
  }

  async stop(): Promise<void> {
    await this.#drain?.run();
  }

  #app(): express.Express {
    const app = express();
    app.disable('x-powered-by').disable('etag');
    app.get('/metrics', (_, response) => this.#metrics(response));
    app.get('/healthz', (_, response) => plain(response, 200, 'ok'));
    app.get('/readyz', (request, response) => this.#ready(request, response));
    app.use((_: Request, response: Response) =>
      plain(response, 404, 'not found; available: /metrics, /healthz, /readyz'),
    );
    // The default error handler of express shows the stack trace. express recognises an error handler by its
    // four parameters.
    app.use((_error: unknown, _: Request, response: Response, _next: NextFunction) =>
      plain(response, 500, 'internal error'),
    );
    return app;
  }

  async #metrics(response: Response): Promise<void> {
    const { metrics } = this.#options;
    response.set('content-type', metrics.contentType).send(await metrics.render());
  }

  #ready(request: Request, response: Response): void {
    const results = this.#options.readiness.results();
    const isReady = results.every(({ problem }) => problem === null);
    const isVerbose = 'verbose' in request.query || !isReady;
    plain(response, isReady ? 200 : 503, isVerbose ? formatReport(results, isReady) : 'ok');
  }
}

/** Formats the results as the API server's `/readyz?verbose` does. */
function formatReport(results: readonly CheckResult[], isReady: boolean): string {
  const lines = results.map(({ name, problem }) =>
    problem === null ? `[+]${name} ok` : `[-]${name} failed: ${problem}`,
  );
  return [...lines, isReady ? 'readyz check passed' : 'readyz check failed'].join('\n');
}

function plain(response: Response, status: number, text: string): void {
  response.status(status).type('text/plain').send(`${text}\n`);
}
