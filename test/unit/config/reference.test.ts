import { describe, expect, test } from '@jest/globals';
import { defaultConfiguration } from '../../../src/config/configuration.ts';
import { configurationJsonSchema, type JsonSchema } from '../../../src/config/json-schema.ts';
import { parseConfiguration } from '../../../src/config/parse.ts';
import { referencePage } from '../../../src/config/reference.ts';

/** Every key of the schema with its path. */
function keys(schema: JsonSchema, path = ''): [string, JsonSchema][] {
  const members = Object.entries(schema.properties ?? {}).flatMap(([name, child]): [string, JsonSchema][] => [
    [`${path}${name}`, child],
    ...keys(child, `${path}${name}.`),
  ]);
  return schema.items ? [...members, ...keys(schema.items, path)] : members;
}

describe('the reference page', () => {
  test('every key has a description', () => {
    const silent = keys(configurationJsonSchema()).filter(([, { description }]) => !description);
    expect(silent.map(([path]) => path)).toEqual([]);
  });

  test('the defaults that it shows are a configuration, and the one that holds without a file', () => {
    const [, yaml = ''] = /```yaml\n([^`]*)```/.exec(referencePage()) ?? [];
    expect(yaml).toMatch(/^apiVersion:/);
    expect(parseConfiguration(yaml, 'page')).toEqual(defaultConfiguration());
  });

  test('every row of a table has four cells', () => {
    const rows = referencePage()
      .split('\n')
      .filter((line) => line.startsWith('|'));
    expect(rows.length).toBeGreaterThan(80);
    expect(rows.filter((line) => line.replaceAll('\\|', '').split('|').length !== 6)).toEqual([]);
  });

  test('keys in lists have tables of their own', () => {
    expect(referencePage()).toContain('### `policy.rules[]`');
    expect(referencePage()).toContain('### `platforms.additional[].taints[]`');
  });
});
