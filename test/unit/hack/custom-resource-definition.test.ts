import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { items, fields, text } from '../../../src/util/unstructured.ts';
import { parsePlatform } from '../../../src/resolve/platform/parse.ts';
import {
  customResourceDefinition,
  openApiSchema,
} from '../../../hack/generate/custom-resource-definition.ts';
import { flaws, structural, undescribed } from '../../../hack/generate/structural-schema.ts';

const committed: unknown = parse(
  readFileSync(new URL('../../../crds/imageinspections.pratique.dev.yaml', import.meta.url), 'utf8'),
);

describe('the CustomResourceDefinition', () => {
  test('equals the committed file', () => {
    expect(committed).toEqual(customResourceDefinition());
  });

  test('is structural, bounded, and described everywhere', () => {
    expect(flaws(openApiSchema())).toEqual([]);
    expect(undescribed(openApiSchema())).toEqual([]);
  });

  test('accepts exactly the platforms that parsePlatform can read', () => {
    const { spec } = fields(fields(openApiSchema())['properties']);
    const { platforms } = fields(fields(spec)['properties']);
    const pattern = new RegExp(text(fields(fields(platforms)['items'])['pattern']));
    fc.assert(fc.property(fc.stringMatching(pattern), (specifier) => void parsePlatform(specifier)));
    for (const each of ['linux/arm64', 'linux/arm/v7', 'windows(10.0.20348)/amd64', 'linux(+a+b)/amd64']) {
      expect(each).toMatch(pattern);
    }
    for (const each of ['arm65', 'linux(/amd64', 'linux/*', 'linux/amd64/v1/x', 'linux(%zz)/amd64']) {
      expect(each).not.toMatch(pattern);
    }
  });

  test('has the documented columns', () => {
    const [version] = items(fields(fields(committed)['spec'])['versions']).map(fields);
    const columns = items(version?.['additionalPrinterColumns']).map(fields);
    const named = (wide: boolean) =>
      columns.flatMap(({ name, priority }) =>
        (priority === 1) === wide ? [String(name).toUpperCase()] : [],
      );
    expect(named(false)).toEqual(['IMAGE', 'RESULT', 'DIGEST', 'PLATFORMS', 'ENDPOINT', 'INSPECTED', 'AGE']);
    expect(named(true)).toEqual(['MISSING', 'DRIFTED', 'PODS']);
    // A column shows only the first item of a list.
    expect(columns.filter(({ jsonPath }) => String(jsonPath).includes('[*]'))).toEqual([]);
  });
});

describe('flaws', () => {
  test.each<[string, unknown, string]>([
    ['a union', { anyOf: [] }, '.: has anyOf'],
    ['no type', {}, '.: is of type ""'],
    ['an object of anything', { type: 'object', additionalProperties: true }, '.: has additionalProperties'],
    ['text without end', { type: 'object', properties: { a: { type: 'string' } } }, '.a: has no maxLength'],
    [
      'a list without a bound',
      { type: 'array', items: { type: 'boolean' }, 'x-kubernetes-list-type': 'atomic' },
      '.: has no maxItems',
    ],
    [
      'a map key that may be missing',
      {
        type: 'array',
        maxItems: 1,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        items: { type: 'object', properties: { name: { type: 'string', maxLength: 1 } } },
      },
      '[]: the key name is not required',
    ],
  ])('%s', (_, schema, flaw) => {
    expect(flaws(schema)).toContain(flaw);
  });

  test('structural removes what zod adds', () => {
    const schema = {
      $schema: 's',
      type: 'string',
      format: 'date-time',
      pattern: 'p',
      default: 'd',
      maxLength: 40,
    };
    expect(structural(schema)).toEqual({ type: 'string', format: 'date-time', maxLength: 40 });
  });
});
