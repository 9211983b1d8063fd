/** Section `policy` of the configuration: what a verdict leads to. */
import { z } from 'zod';
import { globs } from '../../util/schema-fields.ts';

const mode = z.enum(['enforce', 'warn', 'audit', 'off']);
const answer = z.enum(['allow', 'deny']);

const settings = {
  mode: mode.describe(
    'What a bad verdict does: `enforce` denies, `warn` warns, `audit` only records, `off` does not look.',
  ),
  pin: z
    .enum(['off', 'pods', 'templates'])
    .describe('Where tags are pinned to digests: nowhere, in pods, in pods and pod templates.'),
  platforms: z
    .enum(['all', 'any', 'off'])
    .describe("How many of the pod's eligible nodes the image must fit: `all`, `any`, or `off`: none."),
  nodeAffinity: z
    .enum(['off', 'add'])
    .describe(
      'Where the image fits some nodes only: `add` keeps the pod to those, by required node affinity on architecture and operating system.',
    ),
  platformMatching: z
    .enum(['auto', 'strict', 'compat'])
    .describe(
      'How platforms are compared: `strict` exactly, `compat` with older variants and 32 bit, `auto` as the nodes do.',
    ),
  onDenied: answer.describe('Answer for an image whose registry says 401 or 403; `allow` warns.'),
  onUnavailable: answer.describe('Answer for an image whose registries cannot be asked; `allow` warns.'),
  onError: answer.describe('Answer when Pratique itself fails; `allow` warns.'),
  requireDigest: z.boolean().describe('Deny images without a digest.'),
  skipLabel: z
    .boolean()
    .describe(
      'Whether the label `pratique.dev/skip: "true"` on a pod exempts it. Asked before its images are: a rule with `images` does not change it.',
    ),
};

const rule = z.strictObject({
  images: globs()
    .min(1)
    .exactOptional()
    .describe('Globs on the normalised name, `docker.io/library/*`: `*` stops at `/`, `**` does not.'),
  namespaces: globs()
    .min(1)
    .exactOptional()
    .describe('Globs on the namespace. With `images` too, both must match.'),
  mode: settings.mode.exactOptional(),
  pin: settings.pin.exactOptional(),
  platforms: settings.platforms.exactOptional(),
  nodeAffinity: settings.nodeAffinity.exactOptional(),
  platformMatching: settings.platformMatching.exactOptional(),
  onDenied: settings.onDenied.exactOptional(),
  onUnavailable: settings.onUnavailable.exactOptional(),
  onError: settings.onError.exactOptional(),
  requireDigest: settings.requireDigest.exactOptional(),
  skipLabel: settings.skipLabel.exactOptional(),
});

export const policySchema = z.strictObject({
  mode: settings.mode.default('enforce'),
  pin: settings.pin.default('pods'),
  platforms: settings.platforms.default('all'),
  nodeAffinity: settings.nodeAffinity.default('off'),
  platformMatching: settings.platformMatching.default('auto'),
  onDenied: settings.onDenied.default('allow'),
  onUnavailable: settings.onUnavailable.default('allow'),
  onError: settings.onError.default('allow'),
  requireDigest: settings.requireDigest.default(false),
  skipLabel: settings.skipLabel.default(true),
  namespaceLabel: z
    .enum(['tightenOnly', 'honour', 'ignore'])
    .default('tightenOnly')
    .describe(
      'Whether the label `pratique.dev/mode` of a namespace may set the mode: only a stricter one, any, or none.',
    ),
  rules: z
    .array(rule)
    .max(1_000)
    .default([])
    .describe('Exceptions: the first rule that matches an image in a namespace sets what it names.'),
});

/** The section as it is loaded. */
export type PolicyConfig = z.output<typeof policySchema>;
/** What holds for one image in one namespace. */
export type Policy = Readonly<Omit<PolicyConfig, 'rules' | 'namespaceLabel'>>;
export type Mode = Policy['mode'];
export type PolicyAction = z.output<typeof answer>;
