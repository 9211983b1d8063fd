/**
 * Schema of the configuration file, composed of the schemas of its sections. `parse/parse.ts` parses the
 * text, and `load.ts` reads the file.
 */
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
    .describe("The nodes' own mirror configuration: at most one source here and one per node group."),
  credentials: credentialsSchema.prefault({}).describe('Credentials for registries and mirrors.'),
  platforms: platformsSchema.prefault({}).describe('Platforms of nodes that the cluster does not list.'),
  policy: policySchema.prefault({}).describe('Which results are denied, and which images are pinned.'),
  registry: registrySchema.prefault({}).describe('Requests to registries and mirrors.'),
  cache: cacheSchema.prefault({}).describe('How long answers are reused.'),
  controller: controllerSchema
    .prefault({})
    .describe('The controller that keeps the ImageInspections up to date.'),
  server: serverSchema.prefault({}).describe('The listeners.'),
  log: logSchema.prefault({}).describe('Log output.'),
});

/**
 * Valid configuration: durations are in milliseconds, sizes in bytes, and paths as written (relative to the
 * file).
 */
export type Configuration = Readonly<z.output<typeof configurationSchema>>;

/** Returns the configuration that applies without a file. It has no mirrors. */
export function defaultConfiguration(): Configuration {
  return configurationSchema.parse({ apiVersion: 'pratique.dev/v1alpha1', kind: 'Configuration' });
}
