/** The `spec` of an ImageInspection: the only part that people write. */
import { z } from 'zod';
import { listMap, listSet, rule } from './extensions.ts';
import { type Frozen, limits, name, platform, text } from './fields.ts';

/** What `parsePlatform` takes, written out: one word may be anything, and a typo must not be passed over in silence. */
const specifier =
  /^[A-Za-z0-9_-]+(\([A-Za-z0-9_.-]*(\+[A-Za-z0-9_.-]+)*\))?\/[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)?$/;

export const specSchema = z
  .object({
    image: text(limits.image)
      .min(1)
      // All that a reference can be made of; tables show it.
      .regex(/^[!-~]+$/)
      .meta(rule('self == oldSelf', 'image is immutable: delete the object and create another one'))
      .describe('The image as a pod would name it: nginx:1.27, registry.example.com/team/app@sha256:…'),
    platforms: z
      .array(platform().regex(specifier))
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

export type Spec = Frozen<z.output<typeof specSchema>>;
