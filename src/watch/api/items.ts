/** The items of the lists in the status of an ImageInspection. */
import { z } from 'zod';
import { results } from '../../judge/results.ts';
import type { EndpointResult } from '../../resolve/inspection/inspection.ts';
import { atomic, count, digest, type Frozen, instant, limits, text, word } from './fields.ts';

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

export const conditionSchema = z.object({
  type: text(64)
    .regex(/^[A-Z][A-Za-z0-9]*$/)
    .describe('Available, PlatformsSatisfied, Drifted, MirrorsConsistent or PartsPresent.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Unknown is an answer of its own, never a no.'),
  observedGeneration: count().describe('Generation of the object that this is about.'),
  lastTransitionTime: instant().describe('When the status was last another one.'),
  reason: word().min(1).describe('The reason in one word.'),
  message: text(limits.message).describe('The reason in a sentence.'),
});

export const endpointSchema = z.object({
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

export const credentialsSchema = z.object({
  serviceAccountName: text(253).describe('Service account of these pods.'),
  imagePullSecrets: z
    .array(text(253))
    .max(limits.secrets)
    .meta(atomic)
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

export const pinSchema = z.object({
  ownerUID: text(160)
    .regex(pinKeys.ownerUID)
    .describe('UID of the ReplicaSet or Job; of a StatefulSet or DaemonSet UID/REVISION.'),
  container: text(80).regex(pinKeys.container).describe('Container, or volume:NAME.'),
  digest: digest().describe('Digest that its pods are pinned to.'),
  since: instant().describe('Creation of the first pod that is known to be pinned to it.'),
});

const relations = ['current', 'outdated', 'unknown'] as const;

export const runningSchema = z.object({
  digest: digest().describe('Digest as the container runtime reports it.'),
  pods: count().describe('Pods that run it.'),
  relation: z
    .enum(relations)
    .describe(
      'current: what the tag means now, or a part of it; outdated: it is not; unknown: it cannot be told.',
    ),
});

export type Condition = Frozen<z.output<typeof conditionSchema>>;
export type EndpointStatus = Frozen<z.output<typeof endpointSchema>>;
export type CredentialsStatus = Frozen<z.output<typeof credentialsSchema>>;
export type PinStatus = Frozen<z.output<typeof pinSchema>>;
export type RunningStatus = Frozen<z.output<typeof runningSchema>>;
export type DigestRelation = RunningStatus['relation'];
