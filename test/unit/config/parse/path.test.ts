import { expect, test } from '@jest/globals';
import { formatPath } from '../../../../src/config/parse/path.ts';

test.each([
  [[], ''],
  [['policy', 'rules', 0, 'mode'], 'policy.rules[0].mode'],
  [['registry', 'hosts', 'registry.corp:5000'], 'registry.hosts["registry.corp:5000"]'],
  [['a\nb'], '["a b"]'],
])('formats %j as %s', (path, text) => {
  expect(formatPath(path)).toBe(text);
});
