/** Writes what the chart has from elsewhere: its values' schema and the CRD; with --check fails where they differ. */
import { readFileSync } from 'node:fs';
import { chartSchema } from './chart-schema.ts';
import { generated } from './generated-file.ts';

// First of all: the CRD is copied as it will be.
await import('./generate-crd.ts');

const root = new URL('../', import.meta.url);
const definition = 'crds/imageinspections.pratique.dev.yaml';
generated(`charts/pratique/${definition}`, readFileSync(new URL(definition, root), 'utf8'));
generated('charts/pratique/values.schema.json', `${JSON.stringify(chartSchema(), null, 2)}\n`);
