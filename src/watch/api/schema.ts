/** Schema of the ImageInspection: source of its types, of the limits on what the controller writes, and of the CustomResourceDefinition. */
import { z } from 'zod';
import { results } from '../../judge/results.ts';
import { listMap } from './extensions.ts';
import {
  atomicList,
  countField,
  digestField,
  type Frozen,
  instantField,
  limits,
  listField,
  platformField,
  textField,
  wordField,
} from './fields.ts';
import {
  conditionSchema,
  credentialsStatusSchema,
  endpointStatusSchema,
  pinStatusSchema,
  runningStatusSchema,
} from './items.ts';
import { specSchema } from './spec.ts';

export const statusSchema = z
  .object({
    observedGeneration: countField().describe('Generation of the object that this status is about.'),
    reference: textField(1_100)
      .exactOptional()
      .describe('The image, normalised; none where it cannot be parsed.'),
    result: z
      .enum(results)
      .describe('The worst among the sets of credentials. unavailable: it could not be told.'),
    reason: wordField().exactOptional().describe('More about the result in one word.'),
    digest: digestField()
      .exactOptional()
      .describe('What the tag means, as far as any set of credentials was told.'),
    digestShort: textField(12).exactOptional().describe('The first 12 hexadecimal digits of the digest.'),
    manifestKind: z
      .enum(['index', 'image', 'artifact', 'schema1'])
      .exactOptional()
      .describe('What the digest names; an index has manifests of several platforms.'),
    mediaType: textField(255).exactOptional().describe('Media type of the manifest.'),
    size: countField().exactOptional().describe('Bytes of the manifest.'),
    platforms: listField(
      platformField(),
      limits.platforms,
      atomicList,
      'Platforms of the image, in manifest order.',
    ),
    platformsComplete: z
      .boolean()
      .exactOptional()
      .describe('false: a platform that is not listed is not missing for certain.'),
    platformSummary: textField(700)
      .exactOptional()
      .describe('At most 5 of the platforms, then how many more.'),
    missingPlatforms: listField(
      platformField(),
      limits.platforms,
      atomicList,
      'Platforms that are needed and that the image lacks.',
    ),
    missingSummary: textField(700).exactOptional().describe('At most 5 of the missing platforms.'),
    endpoint: textField(512).exactOptional().describe('The endpoint that served it.'),
    lastSeen: instantField()
      .exactOptional()
      .describe(
        'When a registry said so: how old digest, platforms and endpoint are while no registry answers.',
      ),
    endpoints: listField(
      endpointStatusSchema,
      limits.endpoints,
      atomicList,
      'What every endpoint said that was asked.',
    ),
    credentials: listField(
      credentialsStatusSchema,
      limits.credentials,
      atomicList,
      'The result for each set of credentials that pods here have, the worst first.',
    ),
    pins: listField(
      pinStatusSchema,
      limits.pins,
      listMap('ownerUID', 'container'),
      'Digests that pods were pinned to, so that a later pod of the same owner gets the same; the newest are kept.',
    ),
    running: listField(runningStatusSchema, limits.running, listMap('digest'), 'What the pods run.'),
    usedBy: z
      .object({ pods: countField().describe('Pods.'), workloads: countField().describe('Workloads.') })
      .describe('How many use it. Counts are brought up to date along with other changes, else hourly.'),
    lastInspected: instantField().describe(
      'When it was last inspected, brought up to date along with other changes, else hourly.',
    ),
    conditions: listField(
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
