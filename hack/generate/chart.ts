/** Generated files of the chart: its values schema and its copy of the CRD. */
import { chartSchema } from './chart-schema.ts';
import { crdYaml } from './crd.ts';
import { writeGenerated } from './generated-file.ts';

export function writeChart(): void {
  writeGenerated('charts/pratique/crds/imageinspections.pratique.dev.yaml', crdYaml());
  writeGenerated('charts/pratique/values.schema.json', `${JSON.stringify(chartSchema(), null, 2)}\n`);
}
