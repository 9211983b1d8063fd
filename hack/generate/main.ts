/** Every generator in order. Writes the generated files; with --check it fails where a committed one differs. */
import { writeChart } from './chart.ts';
import { writeConfigurationReference } from './configuration-reference.ts';
import { writeCustomResourceDefinition } from './crd.ts';
import { writeEngineApi } from './engine-api.ts';
import { writeImageInspectionReference } from './imageinspection-reference.ts';
import { writeMessagesReference } from './messages-reference.ts';
import { writeMetricsReference } from './metrics-reference.ts';

writeCustomResourceDefinition();
writeChart();
writeConfigurationReference();
writeImageInspectionReference();
writeMetricsReference();
writeMessagesReference();
await writeEngineApi();
