/**
 * Schema of the ImageInspection. Its types, the limits of what the controller writes, and the
 * CustomResourceDefinition are derived from it.
 */
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
    observedGeneration: countField().describe(
      'metadata.generation of the object that the status was written for.',
    ),
    reference: textField(1_100)
      .exactOptional()
      .describe('Normalised image reference; missing if the image is invalid.'),
    result: z
      .enum(results)
      .describe('Result of the worst credential set. unavailable: no endpoint gave a conclusive answer.'),
    reason: wordField().exactOptional().describe('Detail of the result as one PascalCase word.'),
    digest: digestField()
      .exactOptional()
      .describe('Digest that the tag names, if any credential set may read it.'),
    digestShort: textField(12).exactOptional().describe('First 12 hexadecimal digits of the digest.'),
    manifestKind: z
      .enum(['index', 'image', 'artifact', 'schema1'])
      .exactOptional()
      .describe('Kind of the manifest; an index lists manifests of several platforms.'),
    mediaType: textField(255).exactOptional().describe('Media type of the manifest.'),
    size: countField().exactOptional().describe('Size of the manifest in bytes.'),
    platforms: listField(
      platformField(),
      limits.platforms,
      atomicList,
      'Platforms of the image, in manifest order.',
    ),
    platformsComplete: z.boolean().exactOptional().describe('If false, the platform list may be incomplete.'),
    platformSummary: textField(700)
      .exactOptional()
      .describe('Up to 5 platforms, then the number of the others.'),
    missingPlatforms: listField(
      platformField(),
      limits.platforms,
      atomicList,
      'Required platforms that the image lacks.',
    ),
    missingSummary: textField(700)
      .exactOptional()
      .describe('Up to 5 missing platforms, then the number of the others.'),
    endpoint: textField(512).exactOptional().describe('Endpoint that served the image.'),
    lastSeen: instantField()
      .exactOptional()
      .describe('Time of the registry response that digest, platforms and endpoint are from.'),
    endpoints: listField(
      endpointStatusSchema,
      limits.endpoints,
      atomicList,
      'Result of each endpoint that was tried.',
    ),
    credentials: listField(
      credentialsStatusSchema,
      limits.credentials,
      atomicList,
      'Result for each credential set of the pods, the worst first.',
    ),
    pins: listField(
      pinStatusSchema,
      limits.pins,
      listMap('ownerUID', 'container'),
      'Digests that pods were pinned to. Later pods of the same owner get the same digest. The newest pins are kept.',
    ),
    running: listField(runningStatusSchema, limits.running, listMap('digest'), 'Digests that the pods run.'),
    unpinned: z
      .object({
        pods: countField().describe('Number of pods.'),
        workloads: countField().describe('Number of workloads.'),
      })
      .exactOptional()
      .describe('Pods stored with a tag although the policy pins the image; missing if there are none.'),
    usedBy: z
      .object({
        pods: countField().describe('Number of pods.'),
        workloads: countField().describe('Number of workloads.'),
        names: listField(textField(320), limits.names, atomicList, 'First workloads by name, as Kind/name.'),
        since: instantField().exactOptional().describe('Time at which the users were counted.'),
      })
      .describe('Users of the image. Updated along with other changes, otherwise hourly.'),
    lastInspectNow: textField(limits.inspectNow)
      .exactOptional()
      .describe('Value of the annotation pratique.dev/inspect-now at the last inspection.'),
    lastInspected: instantField().describe(
      'Time of the last inspection. Updated along with other changes, otherwise hourly.',
    ),
    conditions: listField(
      conditionSchema,
      8,
      listMap('type'),
      'Ready, Stalled, Reconciling, Available, PlatformsSatisfied, Drifted, MirrorsConsistent with controller.compareEndpoints, and PartsPresent with controller.deep.',
    ),
  })
  .describe('Result of the inspection. Only the controller writes it.');

export const imageInspectionSchema = z
  .object({ spec: specSchema, status: statusSchema.exactOptional() })
  .describe('Inspection of one image reference in one namespace.');

export type Status = Frozen<z.output<typeof statusSchema>>;
