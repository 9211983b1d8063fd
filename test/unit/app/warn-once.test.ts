import { expect, test } from '@jest/globals';
import { warnOnce } from '../../../src/app/warn-once.ts';
import type { MirrorList } from '../../../src/resolve/endpoints/endpoint.ts';
import { parseReference } from '../../../src/resolve/reference/parse.ts';
import type { Warning } from '../../../src/resolve/warning.ts';

const quirk = { code: 'PlainHttp', message: 'asked in plain text', source: 'hosts.toml:3' };
const other = { ...quirk, source: 'hosts.toml:7' };
const homeless = { code: 'InsecureNetwork', message: 'app.corp is not looked up', source: null };

test('a warning is told once for each place, and stays with the image', () => {
  const heard: Warning[] = [];
  const byName: Record<string, Warning[]> = { a: [quirk], b: [quirk, other], c: [homeless] };
  const list: MirrorList = {
    id: 'test',
    profiles: [],
    endpoints: ({ path }) => ({ endpoints: [], warnings: byName[path] ?? [] }),
  };
  const told = warnOnce(list, (warning) => heard.push(warning));
  for (const name of ['a', 'b', 'a', 'c', 'c']) {
    const { warnings } = told.endpoints(parseReference(`registry.corp/${name}`));
    expect(warnings).toEqual(byName[name]);
  }
  expect(heard).toEqual([quirk, other, homeless]);
});
