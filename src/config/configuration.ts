/** The one configuration file, composed of each room's own schema. Knows no text and no files: `parse.ts` and `load.ts` do. */
import { z } from 'zod';
import { platformsSchema } from '../judge/platforms-schema.ts';
import { policySchema } from '../judge/policy/schema.ts';
import { logSchema } from '../observe/schema.ts';
import { credentialsSchema } from '../resolve/credentials/schema.ts';
import { mirrorsSchema } from '../resolve/endpoints/schema.ts';
import { cacheSchema } from '../resolve/inspection/schema.ts';
import { registrySchema } from '../resolve/registry/schema.ts';
import { serverSchema } from '../serve/schema.ts';
import { controllerSchema } from '../watch/controller/schema.ts';

export const configurationSchema = z.strictObject({
  apiVersion: z.literal('pratique.dev/v1alpha1').describe('Version of this format.'),
  kind: z.literal('Configuration').describe('Kind of this document.'),
  mirrors: mirrorsSchema
    .prefault({})
    .describe("The nodes' own mirror configuration: at most one source here, and one per node group."),
  credentials: credentialsSchema.prefault({}).describe('Who may log in where.'),
  platforms: platformsSchema.prefault({}).describe('Nodes that no cluster shows.'),
  policy: policySchema.prefault({}).describe('What a verdict leads to.'),
  registry: registrySchema.prefault({}).describe('How registries and mirrors are asked.'),
  cache: cacheSchema.prefault({}).describe('How long answers are believed.'),
  controller: controllerSchema.prefault({}).describe('What keeps the ImageInspections up to date.'),
  server: serverSchema.prefault({}).describe('The listeners.'),
  log: logSchema.prefault({}).describe('What is logged.'),
});

/** Durations in milliseconds, sizes in bytes, paths as written (relative to the file). */
export type Configuration = Readonly<z.output<typeof configurationSchema>>;

/** What holds where no file says otherwise: upstream only. */
export function defaultConfiguration(): Configuration {
  return configurationSchema.parse({ apiVersion: 'pratique.dev/v1alpha1', kind: 'Configuration' });
}
