/** Writes what the chart has from elsewhere: its values' schema and the CRD; with --check fails where they differ. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { chartSchema } from './chart-schema.ts';

// First of all: the CRD is copied as it will be.
await import('./generate-crd.ts');

const root = new URL('../', import.meta.url);
const definition = 'crds/imageinspections.pratique.dev.yaml';
const files = {
  [`charts/pratique/${definition}`]: readFileSync(new URL(definition, root), 'utf8'),
  'charts/pratique/values.schema.json': `${JSON.stringify(chartSchema(), null, 2)}\n`,
};

for (const [path, content] of Object.entries(files)) {
  const file = new URL(path, root);
  if (!process.argv.includes('--check')) {
    mkdirSync(new URL('.', file), { recursive: true });
    writeFileSync(file, content);
  } else if (current(file) !== content) {
    console.error(`${path} is out of date: run hack/generated.sh`);
    process.exitCode = 1;
  }
}

function current(file: URL): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
