/** The ImageInspection as one schema: its types, what the controller may write, and the CustomResourceDefinition come from here. */
import { z } from 'zod';
import { results } from '../../judge/verdict.ts';
import type { EndpointResult } from '../../resolve/inspection/inspection.ts';
import { listMap, listSet, rule } from './extensions.ts';

export const limits = {
  image: 1_024,
  platforms: 64,
  pins: 32,
  running: 16,
  endpoints: 16,
  credentials: 16,
  secrets: 32,
  message: 4_096,
} as const;

const endpointResults = [
  'available',
  'not-found',
  'denied',
  'unavailable',
  'tls',
  'rate-limited',
  'malformed',
  'skipped',
] as const satisfies readonly EndpointResult[];

const text = (max: number) => z.string().max(max);
const instant = () => z.iso.datetime({ offset: true }).max(40);
const word = () => text(64).regex(/^[A-Z][A-Za-z0-9]*$/);
const digest = () => text(135).regex(/^sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})$/);
const name = () => text(253).regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
const platform = () => text(128).min(1);
const count = () => z.int().min(0);

export const specSchema = z
  .object({
    image: text(limits.image)
      .min(1)
      // All that a reference can be made of; tables show it.
      .regex(/^[!-~]+$/)
      .meta(rule('self == oldSelf', 'image is immutable: delete the object and create another one'))
      .describe('The image as a pod would name it: nginx:1.27, registry.example.com/team/app@sha256:…'),
    platforms: z
      .array(platform().regex(/^[A-Za-z0-9_.()+%-]+(\/[A-Za-z0-9_.-]+){0,2}$/))
      .max(32)
      .meta(listSet)
      .exactOptional()
      .describe(
        'Platforms that the image has to have, linux/arm64. Without them, those of the nodes that its pods can land on, and of no pods those of all nodes.',
      ),
    imagePullSecrets: z
      .array(z.object({ name: name().min(1).describe('Name of a Secret in this namespace.') }))
      .max(limits.secrets)
      .meta(listMap('name'))
      .exactOptional()
      .describe(
        'Secrets to log in with, of those that the service account lists. Of an image that pods use, their own are taken.',
      ),
    serviceAccountName: name()
      .min(1)
      .exactOptional()
      .describe('Service account in this namespace whose pull secrets are used; without it, none.'),
    interval: text(32)
      .regex(/^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/)
      .meta(
        rule(
          "duration(self) >= duration('1m') && duration(self) <= duration('8760h')",
          'interval must be between 1m and 8760h',
        ),
      )
      .exactOptional()
      .describe('How often it is inspected again, 30m or 1h30m; default: controller.interval.'),
  })
  .meta(
    rule(
      '!has(self.imagePullSecrets) || size(self.imagePullSecrets) == 0 || has(self.serviceAccountName)',
      'imagePullSecrets needs serviceAccountName, the service account that lists these secrets',
      { reason: 'FieldValueRequired', fieldPath: '.serviceAccountName' },
    ),
  )
  .describe('Which image to look at. Written by the controller for images in use, by people for any other.');

const conditionSchema = z.object({
  type: text(64)
    .regex(/^[A-Z][A-Za-z0-9]*$/)
    .describe('Available, PlatformsSatisfied, Drifted or MirrorsConsistent.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Unknown is an answer of its own, never a no.'),
  observedGeneration: count().describe('Generation of the object that this is about.'),
  lastTransitionTime: instant().describe('When the status was last another one.'),
  reason: word().min(1).describe('The reason in one word.'),
  message: text(limits.message).describe('The reason in a sentence.'),
});

const endpointSchema = z.object({
  endpoint: text(512).describe('Root of its registry API, as asked.'),
  role: z.enum(['mirror', 'upstream']).describe('Mirrors are asked first, the upstream last.'),
  repository: text(512).describe('Repository there, after rewrites.'),
  result: z.enum(endpointResults).describe('What it said.'),
  reason: word().exactOptional().describe('More about it in one word.'),
  status: z.int().min(0).max(999).exactOptional().describe('Last HTTP status.'),
  digest: digest().exactOptional().describe('Digest that it gave.'),
  platformSummary: text(700).exactOptional().describe('Platforms that it has, as far as it was asked.'),
  message: text(512).describe('What it said in a sentence.'),
});

const credentialsSchema = z.object({
  serviceAccountName: text(253).describe('Service account of these pods.'),
  imagePullSecrets: z
    .array(text(253))
    .max(limits.secrets)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe('Names of the pull secrets that these pods bring along, beside those of the service account.'),
  result: z.enum(results).describe('Result with these.'),
  reason: word().exactOptional().describe('More about it in one word.'),
  digest: digest().exactOptional().describe('Digest that was seen with these.'),
});

/** What pins are kept by. */
export const pinKeys = {
  ownerUID: /^[-A-Za-z0-9./]{1,160}$/,
  container: /^(volume:)?[-a-z0-9]{1,63}$/,
} as const;

const pinSchema = z.object({
  ownerUID: text(160)
    .regex(pinKeys.ownerUID)
    .describe('UID of the ReplicaSet or Job; of a StatefulSet or DaemonSet UID/REVISION.'),
  container: text(80).regex(pinKeys.container).describe('Container, or volume:NAME.'),
  digest: digest().describe('Digest that its pods are pinned to.'),
  since: instant().describe('Creation of the first pod that is known to be pinned to it.'),
});

export const standings = ['current', 'earlier', 'unknown'] as const;

const runningSchema = z.object({
  digest: digest().describe('Digest as the container runtime reports it.'),
  pods: count().describe('Pods that run it.'),
  standing: z
    .enum(standings)
    .describe(
      'current: what the tag means now, or a part of it; earlier: it is not; unknown: it cannot be told.',
    ),
});

const list = <T extends z.ZodType>(
  item: T,
  max: number,
  type: Record<string, unknown>,
  description: string,
) => z.array(item).max(max).meta(type).default([]).describe(description);
const atomic = { 'x-kubernetes-list-type': 'atomic' };

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
      'Available, PlatformsSatisfied, Drifted, and MirrorsConsistent with controller.compareEndpoints.',
    ),
  })
  .describe('What was found. Only the controller writes it.');

export const imageInspectionSchema = z
  .object({ spec: specSchema, status: statusSchema.exactOptional() })
  .describe('An image reference in use in a namespace, and what Pratique knows of it.');

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

export type Spec = Frozen<z.output<typeof specSchema>>;
export type Status = Frozen<z.output<typeof statusSchema>>;
export type Condition = Frozen<z.output<typeof conditionSchema>>;
export type EndpointStatus = Frozen<z.output<typeof endpointSchema>>;
export type CredentialsStatus = Frozen<z.output<typeof credentialsSchema>>;
export type PinStatus = Frozen<z.output<typeof pinSchema>>;
export type RunningStatus = Frozen<z.output<typeof runningSchema>>;
export type Standing = (typeof standings)[number];
