/** Schemathesis asks the Engine API thousands of questions that it makes from the document, and compares the answers with it. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type Clients, type Daemon, dockerClients, run, startDaemon } from './daemon.ts';

jest.setTimeout(120_000);
const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

const document = fileURLToPath(new URL('../../../src/serve/engine-api/openapi.yaml', import.meta.url));
const secondsEach = 25;

let daemon: Daemon;
let clients: Clients;
let url = '';
beforeAll(async () => {
  clients = await dockerClients();
  // No name that is made up leads out of this machine.
  daemon = cleanup.use(await startDaemon({ listen: '127.0.0.1:0' }, { allowedHosts: ['docker.io'] }));
  url = `http://${String((await daemon.serving.event('started'))['engineApi'])}`;
});

/** Those that compare an answer with the document. Others want 405 for a method that is not served, where dockerd says 404. */
const checks =
  'status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance';

test.each([
  ['without a version', '', []],
  ['below a version', '/v1.44', ['--exclude-path', '/openapi.yaml']],
])('every answer %s is one that the document names', async (_how, base, more) => {
  const options = `--phases examples,coverage,fuzzing --max-examples 60 --max-time ${secondsEach} --generation-deterministic --continue-on-failure --warnings off --no-color`;
  const { status, stdout } = await run(
    clients.python,
    ['-m', 'schemathesis.cli', 'run', document, '--url', url + base, '--checks', checks].concat(
      options.split(' '),
      more,
    ),
  );
  const [, cases = '0'] = /(\d+) generated/.exec(stdout) ?? [];
  expect([status, status === 0 ? '' : stdout]).toEqual([0, '']);
  expect(Number(cases)).toBeGreaterThan(300);
});

test('no question was answered by a programming error', () => {
  expect(daemon.serving.log.filter(({ event }) => event === 'engine-api-internal-error')).toEqual([]);
});
