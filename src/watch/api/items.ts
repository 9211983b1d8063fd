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
    .describe('Type of the condition.'),
  status: z
    .enum(['True', 'False', 'Unknown'])
    .describe('Unknown means that neither True nor False is certain.'),
  observedGeneration: countField().describe(
    'metadata.generation of the object that the condition was set for.',
  ),
  lastTransitionTime: instantField().describe('Last time the condition changed status.'),
  reason: wordField().min(1).describe('Reason as one PascalCase word.'),
  message: textField(limits.message).describe('Reason as a sentence.'),
});

export const endpointStatusSchema = z.object({
  endpoint: textField(512).describe('Root of the registry API, as requested.'),
  role: z.enum(['mirror', 'upstream']).describe('Mirrors are tried first, the upstream last.'),
  repository: textField(512).describe('Repository at this endpoint, after rewrites.'),
  result: z.enum(endpointResults).describe('Result of the request.'),
  reason: wordField().exactOptional().describe('Detail of the result as one PascalCase word.'),
  status: z.int().min(0).max(999).exactOptional().describe('Last HTTP status code.'),
  digest: digestField().exactOptional().describe('Digest that the endpoint returned.'),
  platformSummary: textField(700)
    .exactOptional()
    .describe('Platforms of the image at this endpoint, if they were requested.'),
  message: textField(512).describe('Result as a sentence.'),
});

export const credentialsStatusSchema = z.object({
  serviceAccountName: textField(253).describe('Service account of the pods.'),
  imagePullSecrets: z
    .array(textField(253))
    .max(limits.secrets)
    .meta(atomicList)
    .describe('Names in the imagePullSecrets of the pods, without those of the service account.'),
  result: z.enum(results).describe('Result with these credentials.'),
  reason: wordField().exactOptional().describe('Detail of the result as one PascalCase word.'),
  digest: digestField().exactOptional().describe('Digest found with these credentials.'),
});

/** Patterns of the fields that identify a pin. */
export const pinKeys = {
  ownerUID: /^[-A-Za-z0-9./]{1,160}$/,
  container: /^(volume:)?[-a-z0-9]{1,63}$/,
} as const;

export const pinStatusSchema = z.object({
  ownerUID: textField(160)
    .regex(pinKeys.ownerUID)
    .describe('UID of the ReplicaSet or Job; UID/REVISION for a StatefulSet or DaemonSet.'),
  container: textField(80).regex(pinKeys.container).describe('Container name, or volume:NAME.'),
  digest: digestField().describe('Digest that the pods are pinned to.'),
  since: instantField().describe('Creation time of the first pod known to have this pin.'),
});

const relations = ['current', 'outdated', 'unknown'] as const;

export const runningStatusSchema = z.object({
  digest: digestField().describe(
    'Digest that runs: the pin of a pinned pod, otherwise the one the container runtime reports.',
  ),
  pods: countField().describe('Number of pods that run it.'),
  relation: z
    .enum(relations)
    .describe('current: the image the tag names now; outdated: another image; unknown: it may be either.'),
});

export type Condition = Frozen<z.output<typeof conditionSchema>>;
export type EndpointStatus = Frozen<z.output<typeof endpointStatusSchema>>;
export type CredentialsStatus = Frozen<z.output<typeof credentialsStatusSchema>>;
export type PinStatus = Frozen<z.output<typeof pinStatusSchema>>;
export type RunningStatus = Frozen<z.output<typeof runningStatusSchema>>;
export type DigestRelation = RunningStatus['relation'];
