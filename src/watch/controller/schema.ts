/** Section `controller` of the configuration. */
import { z } from 'zod';
import { duration } from '../../util/schema-fields.ts';

export const controllerSchema = z.strictObject({
  enabled: z
    .union([z.literal('auto'), z.boolean()])
    .default('auto')
    .describe('Runs the controller that maintains ImageInspections; `auto`: if a cluster is configured.'),
  interval: duration({ min: 1_000 }).prefault('30m').describe('Interval of inspections of an image in use.'),
  workers: z
    .int()
    .min(1)
    .max(256)
    .default(8)
    .describe('Number of concurrent inspections; one namespace uses at most three quarters of them.'),
  compareEndpoints: z
    .boolean()
    .default(false)
    .describe(
      'Asks every endpoint and reports whether they serve the same digest. Costs requests and rate limits.',
    ),
  deep: z
    .boolean()
    .default(false)
    .describe(
      'Checks by HEAD that every configuration and layer of images in use exists, and reports it as the condition PartsPresent. Costs requests.',
    ),
  allowSecretRefs: z
    .boolean()
    .default(false)
    .describe(
      'Allows a user-created ImageInspection to name secrets that its service account does not list.',
    ),
  namespace: z
    .string()
    .regex(/^(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)?$/, 'must be the name of a namespace')
    .default('')
    .describe("Namespace of the Lease, the CA Secret and Pratique's own objects; empty for the pod's own."),
});
