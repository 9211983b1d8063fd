/** List items in the status of an ImageInspection. */
import { z } from 'zod';
import { results } from '../../judge/results.ts';
import type { EndpointResult } from '../../resolve/inspection/inspection.ts';
import {
  atomicList,
  countField,
  digestField,
  type Frozen,
  instantField,
  limits,
  textField,
  wordField,
} from './fields.ts';

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
  type: textField(64)
    .regex(/^[A-Z][A-Za-z0-9]*$/)
    .describe('Available, PlatformsSatisfied, Drifted, MirrorsConsistent or PartsPresent.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Unknown is an answer of its own, never a no.'),
  observedGeneration: countField().describe('Generation of the object that this is about.'),
  lastTransitionTime: instantField().describe('When the status was last another one.'),
  reason: wordField().min(1).describe('The reason in one word.'),
  message: textField(limits.message).describe('The reason in a sentence.'),
});

export const endpointStatusSchema = z.object({
  endpoint: textField(512).describe('Root of its registry API, as asked.'),
  role: z.enum(['mirror', 'upstream']).describe('Mirrors are asked first, the upstream last.'),
  repository: textField(512).describe('Repository there, after rewrites.'),
  result: z.enum(endpointResults).describe('What it said.'),
  reason: wordField().exactOptional().describe('More about it in one word.'),
  status: z.int().min(0).max(999).exactOptional().describe('Last HTTP status.'),
  digest: digestField().exactOptional().describe('Digest that it gave.'),
  platformSummary: textField(700).exactOptional().describe('Platforms that it has, as far as it was asked.'),
  message: textField(512).describe('What it said in a sentence.'),
});

export const credentialsStatusSchema = z.object({
  serviceAccountName: textField(253).describe('Service account of these pods.'),
  imagePullSecrets: z
    .array(textField(253))
    .max(limits.secrets)
    .meta(atomicList)
    .describe('Names of the pull secrets that these pods bring along, beside those of the service account.'),
  result: z.enum(results).describe('Result with these.'),
  reason: wordField().exactOptional().describe('More about it in one word.'),
  digest: digestField().exactOptional().describe('Digest that was seen with these.'),
});

/** Patterns of the fields that identify a pin. */
export const pinKeys = {
  ownerUID: /^[-A-Za-z0-9./]{1,160}$/,
  container: /^(volume:)?[-a-z0-9]{1,63}$/,
} as const;

export const pinStatusSchema = z.object({
  ownerUID: textField(160)
    .regex(pinKeys.ownerUID)
    .describe('UID of the ReplicaSet or Job; of a StatefulSet or DaemonSet UID/REVISION.'),
  container: textField(80).regex(pinKeys.container).describe('Container, or volume:NAME.'),
  digest: digestField().describe('Digest that its pods are pinned to.'),
  since: instantField().describe('Creation of the first pod that is known to be pinned to it.'),
});

const relations = ['current', 'outdated', 'unknown'] as const;

export const runningStatusSchema = z.object({
  digest: digestField().describe('Digest as the container runtime reports it.'),
  pods: countField().describe('Pods that run it.'),
  relation: z
    .enum(relations)
    .describe(
      'current: what the tag means now, or a part of it; outdated: it is not; unknown: it cannot be told.',
    ),
});

export type Condition = Frozen<z.output<typeof conditionSchema>>;
export type EndpointStatus = Frozen<z.output<typeof endpointStatusSchema>>;
export type CredentialsStatus = Frozen<z.output<typeof credentialsStatusSchema>>;
export type PinStatus = Frozen<z.output<typeof pinStatusSchema>>;
export type RunningStatus = Frozen<z.output<typeof runningStatusSchema>>;
export type DigestRelation = RunningStatus['relation'];
