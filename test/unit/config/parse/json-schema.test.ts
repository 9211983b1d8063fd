import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { defaultConfiguration } from '../../../../src/config/configuration.ts';
import { configurationJsonSchema, type JsonSchema } from '../../../../src/config/parse/json-schema.ts';
import { parseConfiguration } from '../../../../src/config/parse/parse.ts';

const page = readFileSync(new URL('../../../../docs/reference/configuration.md', import.meta.url), 'utf8');

/** Every key of the schema with its path. */
function keys(schema: JsonSchema, path = ''): [string, JsonSchema][] {
  const members = Object.entries(schema.properties ?? {}).flatMap(([name, child]): [string, JsonSchema][] => [
    [`${path}${name}`, child],
    ...keys(child, `${path}${name}.`),
  ]);
  return schema.items ? [...members, ...keys(schema.items, path)] : members;
}

test('every key of the configuration has a description', () => {
  const withoutDescription = keys(configurationJsonSchema()).filter(([, { description }]) => !description);
  expect(withoutDescription.map(([path]) => path)).toEqual([]);
});

describe('the generated configuration reference', () => {
  test('the YAML of the defaults parses to the configuration that applies without a file', () => {
    const [, yaml = ''] = /```yaml\n([^`]*)```/.exec(page) ?? [];
    expect(yaml).toMatch(/^apiVersion:/);
    expect(parseConfiguration(yaml, 'page')).toEqual(defaultConfiguration());
  });

  test('every table row has four cells', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('|'));
    expect(rows.length).toBeGreaterThan(80);
    expect(rows.filter((line) => line.replaceAll('\\|', '').split('|').length !== 6)).toEqual([]);
  });

  test('keys inside lists have tables of their own', () => {
    expect(page).toContain('### `policy.rules[]`');
    expect(page).toContain('### `platforms.additional[].taints[]`');
  });
});
