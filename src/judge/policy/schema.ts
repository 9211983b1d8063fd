/** Section `policy` of the configuration, which decides what follows from a verdict. */
import { z } from 'zod';
import { globs, parsed, quoted } from '../../util/schema-fields.ts';

const modeSchema = z.enum(['enforce', 'warn', 'audit', 'off']);
const actionSchema = z.enum(['allow', 'deny']);

/** Group and kind, such as `apps/Deployment`. A kind without a group is in the core group. */
const groupKind = parsed('group/Kind', (text) => {
  const [, group = '', kind = ''] =
    /^(?:((?=.{1,253}\/)[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)?\/)?([A-Z][A-Za-z0-9]{0,62})$/.exec(text) ?? [];
  if (kind === '') throw new Error(`${quoted(text)} is not a group and kind; write it like apps/Deployment`);
  return `${group}/${kind}`;
});

/** Field path such as `spec.template`, or a JSON pointer. It is converted to a JSON pointer. */
const templatePath = parsed('field path', (text) => {
  const path = text.startsWith('/') ? text.slice(1).split('/') : text.replace(/^\./, '').split('.');
  const isValid =
    text.length <= 512 && path.length <= 16 && path.every((part) => /^[A-Za-z][\w-]*$/.test(part));
  if (!isValid) throw new Error(`${quoted(text)} is not a field path; write it like spec.template`);
  return `/${path.join('/')}`;
});

const settings = {
  mode: modeSchema.describe(
    'What a bad verdict does: `enforce` denies, `warn` warns, `audit` only records, `off` does not look.',
  ),
  pin: z
    .enum(['off', 'pods', 'templates'])
    .describe('Where tags are pinned to digests: nowhere, in pods, in pods and pod templates.'),
  platforms: z
    .enum(['all', 'any', 'off'])
    .describe(
      "How many of the pod's eligible nodes the image must fit: `any` at least one, `all`, or `off`: fit is not judged.",
    ),
  nodeAffinity: z
    .enum(['auto', 'add', 'off'])
    .describe(
      'If an image fits only some eligible nodes, `add` restricts the pod to those by required node affinity on architecture and operating system. `auto` is `add` where the mode is `enforce`, else `off`.',
    ),
  platformMatching: z
    .enum(['auto', 'strict', 'compat'])
    .describe(
      'How platforms are compared: `strict` exactly, `compat` with older variants and 32 bit, `auto` as the nodes do.',
    ),
  pinOwners: z
    .union([z.enum(['builtin', 'all']), z.array(groupKind).max(1_000)])
    .describe(
      "Pods of which controllers are pinned and given a node affinity: `builtin` those of Kubernetes' own controllers and pods without one, `all`, or a list of further kinds, `apps.kruise.io/StatefulSet`.",
    ),
  skipLabel: z
    .union([z.literal('auto'), z.boolean()])
    .describe(
      'Whether the label `pratique.dev/skip: "true"` excludes a pod from checks; `auto` is `false` where the mode is `enforce`, else `true`. It is read before the images: a rule with `images` does not change it.',
    ),
  onDenied: actionSchema.describe('Answer for an image whose registry says 401 or 403; `allow` warns.'),
  onUnavailable: actionSchema.describe(
    'Answer for an image whose registries cannot be asked; `allow` warns.',
  ),
  onError: actionSchema.describe('Answer if Pratique itself fails; `allow` warns.'),
  requireDigest: z
    .boolean()
    .describe('Deny images without a digest, except those of pods that `pinOwners` leaves unchanged.'),
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
  pinOwners: settings.pinOwners.exactOptional(),
  skipLabel: settings.skipLabel.exactOptional(),
  onDenied: settings.onDenied.exactOptional(),
  onUnavailable: settings.onUnavailable.exactOptional(),
  onError: settings.onError.exactOptional(),
  requireDigest: settings.requireDigest.exactOptional(),
});

const templateKind = z.strictObject({
  group: z.string().max(253).describe('API group of the kind, `argoproj.io`; empty for the core group.'),
  kind: z.string().min(1).max(63).describe('Its kind, `Rollout`.'),
  path: templatePath.describe('Path of the pod template, `spec.template`.'),
});

export const policySchema = z.strictObject({
  mode: settings.mode.default('enforce'),
  pin: settings.pin.default('pods'),
  platforms: settings.platforms.default('any'),
  nodeAffinity: settings.nodeAffinity.default('auto'),
  platformMatching: settings.platformMatching.default('auto'),
  pinOwners: settings.pinOwners.default('builtin'),
  skipLabel: settings.skipLabel.default('auto'),
  onDenied: settings.onDenied.default('allow'),
  onUnavailable: settings.onUnavailable.default('allow'),
  onError: settings.onError.default('allow'),
  requireDigest: settings.requireDigest.default(false),
  templates: z
    .array(templateKind)
    .max(1_000)
    .default([])
    .describe('Further kinds that contain a pod template.'),
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
    .describe('Exceptions: the first rule that matches an image in a namespace sets the keys that it names.'),
});

/** Section as it is loaded. */
export type PolicyConfig = z.output<typeof policySchema>;
/** Policy for one image in one namespace. */
export type Policy = Readonly<Omit<PolicyConfig, 'rules' | 'namespaceLabel' | 'templates'>>;
export type Mode = Policy['mode'];
export type PolicyAction = z.output<typeof actionSchema>;
