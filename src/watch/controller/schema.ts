/** Section `controller` of the configuration. */
import { z } from 'zod';
import { duration } from '../../util/schema-fields.ts';

export const controllerSchema = z.strictObject({
  enabled: z
    .union([z.literal('auto'), z.boolean()])
    .default('auto')
    .describe('Keep ImageInspections up to date; `auto`: when a cluster is configured.'),
  interval: duration({ min: 1_000 })
    .prefault('30m')
    .describe('How often an image in use is inspected again.'),
  workers: z.int().min(1).max(256).default(8).describe('Inspections at the same time.'),
  compareEndpoints: z
    .boolean()
    .default(false)
    .describe('Ask every endpoint and report whether they agree. Costs requests and quotas.'),
  deep: z
    .boolean()
    .default(false)
    .describe(
      'Look for every configuration and layer of images in use too, by HEAD, and report it as the condition PartsPresent. Costs requests.',
    ),
  allowSecretRefs: z
    .boolean()
    .default(false)
    .describe('Let a hand-made ImageInspection name secrets that its service account does not list.'),
  namespace: z
    .string()
    .regex(/^(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)?$/, 'not the name of a namespace')
    .default('')
    .describe("Where the Lease, the CA Secret and Pratique's own objects live; empty: the pod's own."),
});
