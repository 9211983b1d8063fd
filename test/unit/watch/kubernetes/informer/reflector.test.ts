import { describe, expect, test } from '@jest/globals';
import { pods } from '../../../../../src/watch/kubernetes/resource.ts';
import { Reflector, type ReflectorOptions } from '../../../../../src/watch/kubernetes/informer/reflector.ts';
import { fields, text } from '../../../../../src/util/unstructured.ts';
import { type Journal, journal } from '../journal.ts';
import {
  type ReceivedRequest,
  client,
  closing,
  type Script,
  type ScriptedApi,
  scriptedApi,
  status,
} from '../scripted-api.ts';

interface Projection {
  readonly node: string;
}

const pod = (name: string, version: string | number, node = 'n1', phase = 'Running') => ({
  metadata: { namespace: 'shop', name, resourceVersion: String(version) },
  spec: { nodeName: node },
  status: { phase },
});
const added = (...of: Parameters<typeof pod>) => ({ type: 'ADDED', object: pod(...of) });
const modified = (...of: Parameters<typeof pod>) => ({ type: 'MODIFIED', object: pod(...of) });
const deleted = (...of: Parameters<typeof pod>) => ({ type: 'DELETED', object: pod(...of) });
const bookmark = (version: number, more: object = {}) => ({
  type: 'BOOKMARK',
  object: { kind: 'Pod', metadata: { resourceVersion: String(version), ...more } },
});
const listEnd = (version: number) =>
  bookmark(version, { annotations: { 'k8s.io/initial-events-end': 'true' } });
const gone = { type: 'ERROR', object: status(410, 'Expired', 'too old resource version') };
const streams = (asked: ReceivedRequest) => asked.query.get('sendInitialEvents') === 'true';

interface Running {
  readonly server: ScriptedApi;
  readonly reflector: Reflector<Projection>;
  readonly journal: Journal;
  readonly running: Promise<void>;
  readonly stop: () => void;
}

/** Starts a reflector against `script` and records its changes: `+shop/a n1`, `~shop/a n2`, `-shop/a`. */
async function setUp(script: Script, options: Partial<ReflectorOptions<Projection>> = {}): Promise<Running> {
  const server = await scriptedApi(script);
  const entries = journal();
  const reflector = new Reflector<Projection>({
    api: client(server),
    resource: pods,
    project: (object) => ({ node: text(fields(object['spec'])['nodeName']) }),
    observer: {
      synced: (resource, count) => entries.note(`listed ${resource.plural} ${count}`),
      watchFailed: (_, { code }) => entries.note(`failed ${code}`),
      watchRestarted: (_, why) => entries.note(`restarted ${why}`),
      handlerThrew: (_, error) => entries.note(`threw ${String(error)}`),
    },
    random: () => 0,
    ...options,
    times: { firstMs: 2, longestMs: 20, ...options.times },
  });
  reflector.subscribe(({ key, before, after }) =>
    entries.note(after ? `${before ? '~' : '+'}${key} ${after.node}` : `-${key}`),
  );
  const stop = new AbortController();
  const running = reflector.run(stop.signal);
  closing(() => {
    stop.abort();
    return running;
  });
  return { server, reflector, journal: entries, running, stop: () => stop.abort() };
}

describe('a streamed list', () => {
  test('is requested with sendInitialEvents, and the watch continues in the same response', async () => {
    const { server, reflector, journal } = await setUp((_, answer) => {
      answer.line(added('a', 1));
      answer.line(added('b', 7));
      answer.line(listEnd(9));
      answer.line(modified('a', 10, 'n2'));
      answer.line(deleted('b', 11));
      answer.line(bookmark(15));
      answer.line(added('c', 16));
    });
    await journal.has('+shop/c n1');
    expect(Object.fromEntries(server.asked[0]?.query ?? [])).toEqual({
      watch: 'true',
      sendInitialEvents: 'true',
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: 'true',
      timeoutSeconds: '300',
    });
    expect(journal.lines).toEqual([
      '+shop/a n1',
      '+shop/b n1',
      'listed pods 2',
      '~shop/a n2',
      '-shop/b',
      '+shop/c n1',
    ]);
    expect([reflector.size, reflector.resourceVersion, reflector.get('shop/a')]).toEqual([
      2,
      '16',
      { node: 'n2' },
    ]);
    expect([...reflector.values()]).toEqual([{ node: 'n2' }, { node: 'n1' }]);
    expect(server.asked).toHaveLength(1);
  });

  test('counts as complete only after its last event', async () => {
    const { server, reflector, journal } = await setUp((_, answer) => answer.line(added('a', 1)));
    await journal.has('+shop/a n1');
    expect([reflector.isSynced, reflector.resourceVersion]).toEqual([false, null]);
    const synced = reflector.synced(new AbortController().signal);
    server.open[0]?.line(listEnd(2));
    await synced;
    expect(reflector.isSynced).toBe(true);
    await reflector.synced(new AbortController().signal);
  });

  test('does not keep an object that is deleted during the list', async () => {
    const { reflector, journal } = await setUp((_, answer) => {
      for (const line of [added('a', 1), added('b', 2), deleted('a', 3), listEnd(3)]) answer.line(line);
    });
    await journal.has('listed pods 1');
    expect([journal.lines, reflector.get('shop/a')]).toEqual([
      ['+shop/a n1', '+shop/b n1', '-shop/a', 'listed pods 1'],
      undefined,
    ]);
  });

  test('that never arrives can be waited for with a signal', async () => {
    const { reflector } = await setUp(() => {});
    await expect(reflector.synced(AbortSignal.timeout(20))).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(reflector.synced(AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  });

  test('ignores changes in fields that are not projected', async () => {
    const { journal } = await setUp((_, answer) => {
      for (const line of [
        added('a', 1),
        listEnd(2),
        modified('a', 3, 'n1', 'Failed'),
        modified('a', 4, 'n2'),
      ])
        answer.line(line);
    });
    await journal.has('~shop/a n2');
    expect(journal.lines).toEqual(['+shop/a n1', 'listed pods 1', '~shop/a n2']);
  });

  test('accepts the largest object that etcd can store: six bytes for each of 1.5 MiB', async () => {
    const largest = pod('a', 1);
    const { journal } = await setUp((_, answer) => {
      answer.line({ type: 'ADDED', object: { ...largest, padding: 'x'.repeat(6 * 1.5 * 2 ** 20) } });
      answer.line(listEnd(2));
    });
    await journal.has('listed pods 1');
    expect(journal.lines).toEqual(['+shop/a n1', 'listed pods 1']);
  });

  test('does not keep objects that are projected to null', async () => {
    const { journal, reflector } = await setUp(
      (_, answer) => {
        for (const line of [
          added('a', 1),
          added('b', 1, ''),
          listEnd(2),
          modified('a', 3, ''),
          added('c', 4),
        ])
          answer.line(line);
      },
      {
        project: (object) => {
          const node = text(fields(object['spec'])['nodeName']);
          return node === '' ? null : { node };
        },
      },
    );
    await journal.has('+shop/c n1');
    expect(journal.lines).toEqual(['+shop/a n1', 'listed pods 1', '-shop/a', '+shop/c n1']);
    expect(reflector.size).toBe(1);
  });

  test('is restricted to a namespace and by selectors', async () => {
    const { server, journal } = await setUp((_, answer) => answer.line(listEnd(1)), {
      namespace: 'shop',
      labelSelector: 'a=b',
      fieldSelector: 'spec.nodeName!=',
    });
    await journal.has('listed pods 0');
    expect(server.asked[0]?.path).toBe('/api/v1/namespaces/shop/pods');
    expect(server.asked[0]?.query.get('labelSelector')).toBe('a=b');
    expect(server.asked[0]?.query.get('fieldSelector')).toBe('spec.nodeName!=');
  });
});

describe('a paginated list', () => {
  const page = (version: number, items: object[], more?: string) => ({
    metadata: { resourceVersion: String(version), ...(more === undefined ? {} : { continue: more }) },
    items,
  });
  const refusal = status(422, 'Invalid', 'sendInitialEvents is forbidden for watch');

  test('is used from then on when the server rejects streaming', async () => {
    let watches = 0;
    const { server, journal, reflector } = await setUp((asked, answer) => {
      if (streams(asked)) answer.json(refusal, 422);
      else if (asked.query.has('watch')) answer.line(++watches === 1 ? gone : bookmark(watches + 30));
      else if (asked.query.get('continue') === 'next') answer.json(page(20, [pod('b', 7)]));
      else answer.json(page(20, [pod('a', 3)], 'next'));
    });
    await journal.has('listed pods 2', 2);
    await server.opened(1);
    const queries = server.asked.map(({ query }) =>
      ['sendInitialEvents', 'limit', 'continue', 'resourceVersion']
        .map((name) => query.get(name) ?? '-')
        .join(' '),
    );
    expect(queries).toEqual([
      'true - - -',
      '- 500 - -',
      '- 500 next -',
      '- - - 20',
      '- 500 - -',
      '- 500 next -',
      '- - - 20',
    ]);
    expect(journal.lines.filter((line) => !line.startsWith('listed'))).toEqual([
      '+shop/a n1',
      '+shop/b n1',
      'restarted expired',
    ]);
    expect(reflector.size).toBe(2);
  });

  test('starts again when it expires, and keeps the cache meanwhile', async () => {
    let lists = 0;
    const { server, journal } = await setUp((asked, answer) => {
      if (streams(asked)) return answer.json(refusal, 422);
      if (asked.query.has('watch')) return lists < 5 ? answer.line(gone) : answer.line(bookmark(30));
      lists++;
      if (asked.query.has('continue') && lists === 4)
        return answer.json(status(410, 'Expired', 'continue token expired'), 410);
      if (asked.query.has('continue')) return answer.json(page(20, [pod('b', 2)]));
      return answer.json(page(20, [pod('a', 1)], 'next'));
    });
    await journal.has('listed pods 2', 2);
    await server.opened(1);
    expect(journal.lines.filter((line) => line.includes('shop'))).toEqual(['+shop/a n1', '+shop/b n1']);
    expect(lists).toBe(6);
  });

  test('repeats only the page for which the server was overloaded', async () => {
    let busy = 2;
    const { server, journal } = await setUp((asked, answer) => {
      if (streams(asked)) answer.json(refusal, 422);
      else if (asked.query.has('watch')) answer.line(bookmark(30));
      else if (!asked.query.has('continue')) answer.json(page(20, [pod('a', 1)], 'next'));
      else if (busy-- > 0) answer.json(status(429, 'TooManyRequests'), 429, { 'retry-after': '0' });
      else answer.json(page(20, [pod('b', 2)]));
    });
    await journal.has('listed pods 2');
    const pages = server.asked.filter(({ query }) => query.has('limit'));
    expect(pages.map(({ query }) => query.get('continue'))).toEqual([null, 'next', 'next', 'next']);
    expect(journal.lines).not.toContain('failed TooManyRequests');
  });

  test('requests smaller pages when one is too large', async () => {
    const { server, journal } = await setUp((asked, answer) => {
      if (streams(asked)) answer.json(refusal, 422);
      else if (asked.query.has('watch')) answer.line(bookmark(30));
      else if (Number(asked.query.get('limit')) > 10)
        answer.json({ metadata: { resourceVersion: '1' }, items: [], padding: 'x'.repeat(65 * 1024 * 1024) });
      else answer.json(page(20, [pod('a', 1)]));
    });
    await journal.has('listed pods 1');
    expect(server.asked.flatMap(({ query }) => query.get('limit') ?? [])).toEqual(['500', '63', '8']);
  });

  test('is used once when a streaming list stalls or ends early', async () => {
    let tries = 0;
    const { server, journal } = await setUp(
      (asked, answer) => {
        if (streams(asked)) {
          tries++;
          answer.line(added('a', 1));
          if (tries === 2) answer.end();
          if (tries === 3) answer.line(listEnd(30));
        } else if (asked.query.has('watch')) answer.line(gone);
        else answer.json(page(20, [pod('a', 1)]));
      },
      { times: { listSilenceMs: 500 } },
    );
    await journal.has('listed pods 1', 3);
    // Stalled and pages, cut short and pages, and then it streams.
    const [list, watch] = [false, false];
    expect(server.asked.map((asked) => streams(asked))).toEqual([true, list, watch, true, list, watch, true]);
  });
});

describe('an interrupted watch', () => {
  test('continues at once from the last version or bookmark when the server ends it', async () => {
    const { server, journal } = await setUp((_, answer, nth) => {
      if (nth === 1)
        for (const line of [added('a', 1), listEnd(2), modified('a', 3, 'n2')]) answer.line(line);
      else if (nth === 2) answer.line(bookmark(40));
      else return answer.line(added('b', 41));
      answer.end();
    });
    await journal.has('+shop/b n1');
    expect(server.asked.map(({ query }) => query.get('resourceVersion'))).toEqual([null, '3', '40']);
    expect(journal.lines.filter((line) => line === 'restarted ended')).toHaveLength(2);
    expect(journal.lines.filter((line) => line.startsWith('failed'))).toEqual([]);
  });

  test('lists again after 410 and reports only differences, deletions included', async () => {
    const { journal, reflector } = await setUp((_, answer, nth) => {
      if (nth === 1) {
        for (const name of ['same', 'moved', 'gone']) answer.line(added(name, 1));
        answer.line(listEnd(2));
        answer.line(gone);
      } else {
        for (const line of [added('same', 1), added('moved', 9, 'n2'), added('new', 8), listEnd(10)])
          answer.line(line);
      }
    });
    await journal.has('listed pods 3', 2);
    const second = journal.lines.slice(journal.lines.indexOf('restarted expired') + 1);
    expect(second).toEqual(['~shop/moved n2', '+shop/new n1', '-shop/gone', 'listed pods 3']);
    expect(reflector.isSynced).toBe(true);
  });

  test('lists again after a response of 410', async () => {
    const { journal } = await setUp((asked, answer, nth) => {
      if (nth === 1) {
        answer.line(added('a', 1));
        answer.line(listEnd(2));
        answer.end();
      } else if (streams(asked)) answer.line(listEnd(10));
      else answer.json(status(410, 'Gone'), 410);
    });
    await journal.has('listed pods 0');
    expect(journal.lines.slice(-3)).toEqual(['restarted expired', '-shop/a', 'listed pods 0']);
  });

  test('loses nothing when the connection breaks in the middle of a line', async () => {
    const { server, journal } = await setUp((_, answer, nth) => {
      if (nth > 1) return answer.line(modified('a', 5, 'n2'));
      for (const line of [added('a', 1), listEnd(2), added('b', 4)]) answer.line(line);
      return answer.bytes(JSON.stringify(modified('a', 5, 'n2')).slice(0, 30));
    });
    await journal.has('+shop/b n1');
    server.open[0]?.cut();
    await journal.has('~shop/a n2');
    expect(server.asked[1]?.query.get('resourceVersion')).toBe('4');
    expect(journal.lines).toContain('failed Unreachable');
  });

  test('restarts after silence on a half-open connection', async () => {
    const { server, journal } = await setUp(
      (_, answer, nth) => {
        if (nth === 1) answer.line(listEnd(2));
        else answer.line(added('a', 3));
      },
      { times: { silenceMs: 100 } },
    );
    await journal.has('+shop/a n1');
    expect(journal.lines.slice(0, 2)).toEqual(['listed pods 0', 'failed Timeout']);
    expect(server.asked[1]?.query.get('resourceVersion')).toBe('2');
  });

  test('lists again after three failures at the same version', async () => {
    const { server, journal } = await setUp((asked, answer) => {
      if (!streams(asked)) return answer.json(status(500, 'InternalError'), 500);
      answer.line(listEnd(2));
      return answer.end();
    });
    await journal.has('failed Server', 3);
    await journal.has('listed pods 0', 2);
    expect(server.asked.filter(streams).length).toBeGreaterThan(1);
  });

  test('continues at the same version while the server is overloaded', async () => {
    const { server, journal } = await setUp((asked, answer, nth) => {
      if (nth > 5) answer.line(added('a', 3));
      else if (streams(asked)) {
        answer.line(listEnd(2));
        answer.end();
      } else answer.json(status(429, 'TooManyRequests'), 429);
    });
    await journal.has('+shop/a n1');
    expect(server.asked.map((asked) => streams(asked))).toEqual([true, false, false, false, false, false]);
  });

  test('waits before a restart when the watch ends as soon as it begins', async () => {
    const { journal } = await setUp((asked, answer) => {
      if (streams(asked)) answer.line(listEnd(2));
      answer.end();
    });
    await journal.has('failed Unreachable', 2);
    expect(journal.lines.filter((line) => line === 'restarted ended')).toHaveLength(1);
  });

  test('waits as long as Retry-After says', async () => {
    const waited: number[] = [];
    let last = 0;
    const { journal } = await setUp((_, answer, nth) => {
      if (nth === 2) waited.push(performance.now() - last);
      last = performance.now();
      if (nth === 1) answer.json(status(429, 'TooManyRequests'), 429, { 'retry-after': '1' });
      else answer.line(listEnd(2));
    });
    await journal.has('listed pods 0');
    expect(waited[0]).toBeGreaterThan(950);
  });

  test('is retried until the server is back', async () => {
    let up = false;
    const { journal } = await setUp((_, answer) => (up ? answer.line(listEnd(2)) : answer.cut()));
    await journal.has('failed Unreachable', 3);
    up = true;
    await journal.has('listed pods 0');
  });
});

describe('a listener or projection', () => {
  test('that throws is reported: a projection loses that object, a listener nothing', async () => {
    const { journal, reflector } = await setUp(
      (_, answer) => {
        for (const line of [added('a', 1), added('bad', 1), listEnd(2), added('c', 3)]) answer.line(line);
      },
      {
        project: (object) => {
          if (fields(object['metadata'])['name'] === 'bad') throw new Error('no projection');
          return { node: 'n1' };
        },
      },
    );
    reflector.subscribe(() => {
      throw new Error('no listener');
    });
    await journal.has('+shop/c n1');
    await journal.has('threw Error: no projection');
    await journal.has('threw Error: no listener');
    expect([...reflector.values()]).toHaveLength(2);
  });

  test('that is removed is not called again', async () => {
    const { server, journal, reflector } = await setUp((_, answer) => answer.line(listEnd(1)));
    const keys: string[] = [];
    const unsubscribe = reflector.subscribe(({ key }) => void keys.push(key));
    await journal.has('listed pods 0');
    server.open[0]?.line(added('a', 2));
    await journal.has('+shop/a n1');
    unsubscribe();
    server.open[0]?.line(added('b', 3));
    await journal.has('+shop/b n1');
    expect(keys).toEqual(['shop/a']);
  });
});

describe('a kind that is not installed', () => {
  test('is empty if optional, until it is installed and after it is removed', async () => {
    let installed = false;
    const { server, journal, reflector } = await setUp(
      (_, answer) => {
        if (!installed) return answer.json(status(404, 'NotFound'), 404);
        answer.line(added('a', 1));
        return answer.line(listEnd(2));
      },
      { optional: true, times: { absentMs: 10 } },
    );
    await reflector.synced(new AbortController().signal);
    await journal.has('restarted absent');
    installed = true;
    await journal.has('listed pods 1');
    installed = false;
    server.open[0]?.end();
    await journal.has('-shop/a');
    expect(journal.lines).toEqual([
      'restarted absent',
      '+shop/a n1',
      'listed pods 1',
      'restarted ended',
      'restarted absent',
      '-shop/a',
    ]);
  });

  test('is retried like any failure if not optional', async () => {
    const { journal, reflector } = await setUp((_, answer) => answer.json(status(404, 'NotFound'), 404));
    await journal.has('failed NotFound', 2);
    expect(reflector.isSynced).toBe(false);
  });
});

test('a reflector stops with its signal and closes its connection', async () => {
  const { server, journal, running, stop } = await setUp((_, answer) => answer.line(listEnd(1)));
  await journal.has('listed pods 0');
  stop();
  await running;
  await server.opened(0);
  expect(journal.lines).toEqual(['listed pods 0']);
});
