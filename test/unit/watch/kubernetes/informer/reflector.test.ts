import { describe, expect, test } from '@jest/globals';
import { pods } from '../../../../../src/watch/kubernetes/resource.ts';
import { Reflector, type ReflectorOptions } from '../../../../../src/watch/kubernetes/informer/reflector.ts';
import { fields, text } from '../../../../../src/util/unstructured.ts';
import { type Journal, journal } from '../journal.ts';
import {
  type Asked,
  client,
  closing,
  type Script,
  type ScriptedApi,
  scriptedApi,
  status,
} from '../scripted-api.ts';

interface Kept {
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
const streams = (asked: Asked) => asked.query.get('sendInitialEvents') === 'true';

interface Scene {
  readonly server: ScriptedApi;
  readonly reflector: Reflector<Kept>;
  readonly journal: Journal;
  readonly running: Promise<void>;
  readonly stop: () => void;
}

/** A reflector that runs against `script`, and what was heard of it: `+shop/a n1`, `~shop/a n2`, `-shop/a`. */
async function scene(script: Script, options: Partial<ReflectorOptions<Kept>> = {}): Promise<Scene> {
  const server = await scriptedApi(script);
  const heard = journal();
  const reflector = new Reflector<Kept>({
    api: client(server),
    resource: pods,
    project: (object) => ({ node: text(fields(object['spec'])['nodeName']) }),
    observer: {
      listed: (resource, count) => heard.note(`listed ${resource.plural} ${count}`),
      failed: (_, { code }) => heard.note(`failed ${code}`),
      restarted: (_, why) => heard.note(`restarted ${why}`),
      threw: (_, error) => heard.note(`threw ${String(error)}`),
    },
    random: () => 0,
    ...options,
    times: { firstMs: 2, longestMs: 20, ...options.times },
  });
  reflector.subscribe(({ key, before, after }) =>
    heard.note(after ? `${before ? '~' : '+'}${key} ${after.node}` : `-${key}`),
  );
  const stop = new AbortController();
  const running = reflector.run(stop.signal);
  closing(() => {
    stop.abort();
    return running;
  });
  return { server, reflector, journal: heard, running, stop: () => stop.abort() };
}

describe('a streamed list', () => {
  test('is asked for as such, and the watch goes on in the same answer', async () => {
    const { server, reflector, journal } = await scene((_, answer) => {
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

  test('is in only after its last event: not before is anybody told that the store is whole', async () => {
    const { server, reflector, journal } = await scene((_, answer) => answer.line(added('a', 1)));
    await journal.has('+shop/a n1');
    expect([reflector.isSynced, reflector.resourceVersion]).toEqual([false, null]);
    const synced = reflector.synced(new AbortController().signal);
    server.open[0]?.line(listEnd(2));
    await synced;
    expect(reflector.isSynced).toBe(true);
    await reflector.synced(new AbortController().signal);
  });

  test('in which something is deleted while it comes does not keep it', async () => {
    const { reflector, journal } = await scene((_, answer) => {
      for (const line of [added('a', 1), added('b', 2), deleted('a', 3), listEnd(3)]) answer.line(line);
    });
    await journal.has('listed pods 1');
    expect([journal.lines, reflector.get('shop/a')]).toEqual([
      ['+shop/a n1', '+shop/b n1', '-shop/a', 'listed pods 1'],
      undefined,
    ]);
  });

  test('that nobody sends: waiting for it ends with its signal', async () => {
    const { reflector } = await scene(() => {});
    await expect(reflector.synced(AbortSignal.timeout(20))).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(reflector.synced(AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  });

  test('of what changed in fields that nobody keeps causes no change', async () => {
    const { journal } = await scene((_, answer) => {
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

  test('takes the largest object that anybody can make: six bytes for each of 1.5 MiB', async () => {
    const largest = pod('a', 1);
    const { journal } = await scene((_, answer) => {
      answer.line({ type: 'ADDED', object: { ...largest, padding: 'x'.repeat(6 * 1.5 * 2 ** 20) } });
      answer.line(listEnd(2));
    });
    await journal.has('listed pods 1');
    expect(journal.lines).toEqual(['+shop/a n1', 'listed pods 1']);
  });

  test('keeps nothing of what is projected to null, and forgets what becomes so', async () => {
    const { journal, reflector } = await scene(
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

  test('narrowed to a namespace and by selectors', async () => {
    const { server, journal } = await scene((_, answer) => answer.line(listEnd(1)), {
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

describe('pages', () => {
  const page = (version: number, items: object[], more?: string) => ({
    metadata: { resourceVersion: String(version), ...(more === undefined ? {} : { continue: more }) },
    items,
  });
  const refusal = status(422, 'Invalid', 'sendInitialEvents is forbidden for watch');

  test('where the server refuses to stream, which is remembered', async () => {
    let watches = 0;
    const { server, journal, reflector } = await scene((asked, answer) => {
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

  test('that expire in the middle are begun again, and nothing is forgotten meanwhile', async () => {
    let lists = 0;
    const { server, journal } = await scene((asked, answer) => {
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

  test('for which the server has no time are asked for again, and those before are not', async () => {
    let busy = 2;
    const { server, journal } = await scene((asked, answer) => {
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

  test('that are too large are asked for in smaller ones', async () => {
    const { server, journal } = await scene((asked, answer) => {
      if (streams(asked)) answer.json(refusal, 422);
      else if (asked.query.has('watch')) answer.line(bookmark(30));
      else if (Number(asked.query.get('limit')) > 10)
        answer.json({ metadata: { resourceVersion: '1' }, items: [], padding: 'x'.repeat(65 * 1024 * 1024) });
      else answer.json(page(20, [pod('a', 1)]));
    });
    await journal.has('listed pods 1');
    expect(server.asked.flatMap(({ query }) => query.get('limit') ?? [])).toEqual(['500', '63', '8']);
  });

  test('once, where a streamed list stalls, or ends before it is whole, as when the server goes', async () => {
    let tries = 0;
    const { server, journal } = await scene(
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

describe('after an interruption', () => {
  test('the watch goes on from the last version or bookmark, at once, when the server ends it', async () => {
    const { server, journal } = await scene((_, answer, nth) => {
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

  test('of 410 the list is made anew, and only what differs is heard of, deletions included', async () => {
    const { journal, reflector } = await scene((_, answer, nth) => {
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

  test('as an answer 410 means the same as in the stream', async () => {
    const { journal } = await scene((asked, answer, nth) => {
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

  test('a connection that breaks in the middle of a line loses nothing', async () => {
    const { server, journal } = await scene((_, answer, nth) => {
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

  test('a half-open connection is noticed by its silence', async () => {
    const { server, journal } = await scene(
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

  test('a version that the server cannot serve again and again is given up for a new list', async () => {
    const { server, journal } = await scene((asked, answer) => {
      if (!streams(asked)) return answer.json(status(500, 'InternalError'), 500);
      answer.line(listEnd(2));
      return answer.end();
    });
    await journal.has('failed Server', 3);
    await journal.has('listed pods 0', 2);
    expect(server.asked.filter(streams).length).toBeGreaterThan(1);
  });

  test('a server that has too much to do is asked to go on, not for a new list', async () => {
    const { server, journal } = await scene((asked, answer, nth) => {
      if (nth > 5) answer.line(added('a', 3));
      else if (streams(asked)) {
        answer.line(listEnd(2));
        answer.end();
      } else answer.json(status(429, 'TooManyRequests'), 429);
    });
    await journal.has('+shop/a n1');
    expect(server.asked.map((asked) => streams(asked))).toEqual([true, false, false, false, false, false]);
  });

  test('a watch that ends as soon as it begins is no reason to hurry', async () => {
    const { journal } = await scene((asked, answer) => {
      if (streams(asked)) answer.line(listEnd(2));
      answer.end();
    });
    await journal.has('failed Unreachable', 2);
    expect(journal.lines.filter((line) => line === 'restarted ended')).toHaveLength(1);
  });

  test('a server that asks for time gets it', async () => {
    const waited: number[] = [];
    let last = 0;
    const { journal } = await scene((_, answer, nth) => {
      if (nth === 2) waited.push(performance.now() - last);
      last = performance.now();
      if (nth === 1) answer.json(status(429, 'TooManyRequests'), 429, { 'retry-after': '1' });
      else answer.line(listEnd(2));
    });
    await journal.has('listed pods 0');
    expect(waited[0]).toBeGreaterThan(950);
  });

  test('a server that is gone is tried until it is back', async () => {
    let up = false;
    const { journal } = await scene((_, answer) => (up ? answer.line(listEnd(2)) : answer.cut()));
    await journal.has('failed Unreachable', 3);
    up = true;
    await journal.has('listed pods 0');
  });
});

describe('a mistake of ours', () => {
  test('a projection that throws costs that object, a listener that throws nothing; both are told', async () => {
    const { journal, reflector } = await scene(
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

  test('who leaves hears no more', async () => {
    const { server, journal, reflector } = await scene((_, answer) => answer.line(listEnd(1)));
    const heard: string[] = [];
    const leave = reflector.subscribe(({ key }) => void heard.push(key));
    await journal.has('listed pods 0');
    server.open[0]?.line(added('a', 2));
    await journal.has('+shop/a n1');
    leave();
    server.open[0]?.line(added('b', 3));
    await journal.has('+shop/b n1');
    expect(heard).toEqual(['shop/a']);
  });
});

describe('a kind that may be missing', () => {
  test('has no objects until it is installed, and none again once it is removed', async () => {
    let installed = false;
    const { server, journal, reflector } = await scene(
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

  test('and one that may not be is tried again as any failure', async () => {
    const { journal, reflector } = await scene((_, answer) => answer.json(status(404, 'NotFound'), 404));
    await journal.has('failed NotFound', 2);
    expect(reflector.isSynced).toBe(false);
  });
});

test('it stops with its signal, and leaves no connection', async () => {
  const { server, journal, running, stop } = await scene((_, answer) => answer.line(listEnd(1)));
  await journal.has('listed pods 0');
  stop();
  await running;
  await server.opened(0);
  expect(journal.lines).toEqual(['listed pods 0']);
});
