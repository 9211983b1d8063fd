/** The YAML of the how-tos can be used: values by the chart, configurations and their parts by Pratique, ImageInspections by their schema. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { z } from 'zod';
import { render } from '../kit/cluster/helm.ts';
import { filesBeside, loadConfiguration } from '../../src/config/load.ts';
import { fields } from '../../src/util/unstructured.ts';
import { specSchema } from '../../src/watch/api/spec.ts';
import { docs, type Fence, fences, pages } from './support/pages.ts';

const header = { apiVersion: 'pratique.dev/v1alpha1', kind: 'Configuration' };
const inspection = z.strictObject({
  apiVersion: z.literal(header.apiVersion),
  kind: z.literal('ImageInspection'),
  metadata: z.strictObject({ name: z.string(), namespace: z.string() }),
  spec: z.strictObject(specSchema.shape),
});

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pratique-examples-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Throws with what is wrong. */
async function load(configuration: object): Promise<void> {
  const path = join(folder, 'pratique.yaml');
  await writeFile(path, stringify(configuration));
  loadConfiguration(path, filesBeside(path));
}

/** Throws where it is none of what the pages show. */
async function use({ body }: Fence): Promise<void> {
  for (const document of parseAllDocuments(body)) {
    const object = fields(document.toJS());
    const { apiVersion, kind } = object;
    if (kind === 'ImageInspection') inspection.parse(object);
    else if (kind === header.kind || apiVersion === undefined) await load({ ...header, ...object });
    else expect([typeof apiVersion, typeof kind]).toEqual(['string', 'string']);
  }
}

const examples = pages.flatMap((page) =>
  fences(readFileSync(new URL(page, docs), 'utf8'))
    .filter(({ language }) => language === 'yaml')
    .map((fence, index) => [`${page}, ${fence.title ?? `example ${index + 1}`}`, fence] as const),
);

const isValues = ({ title }: Fence): boolean => title?.startsWith('values') ?? false;

// Other files with a title are read by the commands of their pages.
describe('configurations and objects', () => {
  const shown = examples.filter(([, { title }]) => title === null || title === 'pratique.yaml');
  test.each(shown)('%s', (_, fence) => expect(use(fence)).resolves.toBeUndefined());
});

describe("the chart's values", () => {
  test.each(examples.filter(([, fence]) => isValues(fence)))('%s', async (_, { body }) => {
    const values: object = fields(parse(body));
    const objects = await render({ namespace: 'pratique-system', values });
    expect(objects.map(({ kind }) => kind)).toContain('Deployment');
  });
});
