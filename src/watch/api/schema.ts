/** The ImageInspection as one schema: its types, what the controller may write, and the CustomResourceDefinition come from here. */
import { z } from 'zod';
import { results } from '../../judge/results.ts';
import { listMap } from './extensions.ts';
import { atomic, count, digest, type Frozen, instant, limits, list, platform, text, word } from './fields.ts';
import { conditionSchema, credentialsSchema, endpointSchema, pinSchema, runningSchema } from './items.ts';
import { specSchema } from './spec.ts';

export const statusSchema = z
  .object({
    observedGeneration: count().describe('Generation of the object that this status is about.'),
    reference: text(1_100).exactOptional().describe('The image, normalised; none where it cannot be parsed.'),
    result: z
      .enum(results)
      .describe('The worst among the sets of credentials. unavailable: it could not be told.'),
    reason: word().exactOptional().describe('More about the result in one word.'),
    digest: digest()
      .exactOptional()
      .describe('What the tag means, as far as any set of credentials was told.'),
    digestShort: text(12).exactOptional().describe('The first 12 hexadecimal digits of the digest.'),
    manifestKind: z
      .enum(['index', 'image', 'artifact', 'schema1'])
      .exactOptional()
      .describe('What the digest names; an index has manifests of several platforms.'),
    mediaType: text(255).exactOptional().describe('Media type of the manifest.'),
    size: count().exactOptional().describe('Bytes of the manifest.'),
    platforms: list(platform(), limits.platforms, atomic, 'Platforms of the image, in manifest order.'),
    platformsComplete: z
      .boolean()
      .exactOptional()
      .describe('false: a platform that is not listed is not missing for certain.'),
    platformSummary: text(700).exactOptional().describe('At most 5 of the platforms, then how many more.'),
    missingPlatforms: list(
      platform(),
      limits.platforms,
      atomic,
      'Platforms that are needed and that the image lacks.',
    ),
    missingSummary: text(700).exactOptional().describe('At most 5 of the missing platforms.'),
    endpoint: text(512).exactOptional().describe('The endpoint that served it.'),
    lastSeen: instant()
      .exactOptional()
      .describe(
        'When a registry said so: how old digest, platforms and endpoint are while no registry answers.',
      ),
    endpoints: list(endpointSchema, limits.endpoints, atomic, 'What every endpoint said that was asked.'),
    credentials: list(
      credentialsSchema,
      limits.credentials,
      atomic,
      'The result for each set of credentials that pods here have, the worst first.',
    ),
    pins: list(
      pinSchema,
      limits.pins,
      listMap('ownerUID', 'container'),
      'Digests that pods were pinned to, so that a later pod of the same owner gets the same; the newest are kept.',
    ),
    running: list(runningSchema, limits.running, listMap('digest'), 'What the pods run.'),
    usedBy: z
      .object({ pods: count().describe('Pods.'), workloads: count().describe('Workloads.') })
      .describe('How many use it. Counts are brought up to date along with other changes, else hourly.'),
    lastInspected: instant().describe(
      'When it was last inspected, brought up to date along with other changes, else hourly.',
    ),
    conditions: list(
      conditionSchema,
      8,
      listMap('type'),
      'Available, PlatformsSatisfied, Drifted, MirrorsConsistent with controller.compareEndpoints, and PartsPresent with controller.deep.',
    ),
  })
  .describe('What was found. Only the controller writes it.');

export const imageInspectionSchema = z
  .object({ spec: specSchema, status: statusSchema.exactOptional() })
  .describe('An image reference in use in a namespace, and what Pratique knows of it.');

export type Status = Frozen<z.output<typeof statusSchema>>;
