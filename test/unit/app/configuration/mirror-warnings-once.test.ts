import { expect, test } from '@jest/globals';
import { warnOnce } from '../../../../src/app/configuration/mirror-warnings-once.ts';
import type { MirrorList } from '../../../../src/resolve/endpoints/endpoint.ts';
import { parseReference } from '../../../../src/resolve/reference/parse.ts';
import type { Warning } from '../../../../src/resolve/warning.ts';

const plainHttp = { code: 'PlainHttp', message: 'asked in plain text', source: 'hosts.toml:3' };
const otherLine = { ...plainHttp, source: 'hosts.toml:7' };
const withoutSource = { code: 'InsecureNetwork', message: 'app.corp is not looked up', source: null };

test('reports a warning once for each source and still returns it with every image', () => {
  const reported: Warning[] = [];
  const byName: Record<string, Warning[]> = {
    a: [plainHttp],
    b: [plainHttp, otherLine],
    c: [withoutSource],
  };
  const list: MirrorList = {
    id: 'test',
    profiles: [],
    endpoints: ({ path }) => ({ endpoints: [], warnings: byName[path] ?? [] }),
  };
  const reporting = warnOnce(list, (warning) => reported.push(warning));
  for (const name of ['a', 'b', 'a', 'c', 'c']) {
    const { warnings } = reporting.endpoints(parseReference(`registry.corp/${name}`));
    expect(warnings).toEqual(byName[name]);
  }
  expect(reported).toEqual([plainHttp, otherLine, withoutSource]);
});
