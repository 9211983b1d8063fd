/** Schema of the `spec` of an ImageInspection. */
import { z } from 'zod';
import { listMap, listSet, validationRule } from './extensions.ts';
import { type Frozen, limits, nameField, platformField, textField } from './fields.ts';

/** What `parsePlatform` accepts, except a single word, which would hide typos. */
const platformPattern =
  /^[A-Za-z0-9_-]+(\([A-Za-z0-9_.-]*(\+[A-Za-z0-9_.-]+)*\))?\/[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)?$/;

export const specSchema = z
  .object({
    image: textField(limits.image)
      .min(1)
      // Printable ASCII: all characters of a reference; tables show the field.
      .regex(/^[!-~]+$/)
      .meta(validationRule('self == oldSelf', 'image is immutable: delete the object and create another one'))
      .describe('The image as a pod would name it: nginx:1.27, registry.example.com/team/app@sha256:…'),
    platforms: z
      .array(platformField().regex(platformPattern))
      .max(32)
      .meta(listSet)
      .exactOptional()
      .describe(
        'Platforms that the image has to have, linux/arm64. Without them, those of the nodes that its pods can land on, and of no pods those of all nodes.',
      ),
    imagePullSecrets: z
      .array(z.object({ name: nameField().min(1).describe('Name of a Secret in this namespace.') }))
      .max(limits.secrets)
      .meta(listMap('name'))
      .exactOptional()
      .describe(
        'Secrets to log in with, of those that the service account lists. Of an image that pods use, their own are taken.',
      ),
    serviceAccountName: nameField()
      .min(1)
      .exactOptional()
      .describe('Service account in this namespace whose pull secrets are used; without it, none.'),
    interval: textField(32)
      .regex(/^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/)
      .meta(
        validationRule(
          "duration(self) >= duration('1m') && duration(self) <= duration('8760h')",
          'interval must be between 1m and 8760h',
        ),
      )
      .exactOptional()
      .describe('How often it is inspected again, 30m or 1h30m; default: controller.interval.'),
  })
  .meta(
    validationRule(
      '!has(self.imagePullSecrets) || size(self.imagePullSecrets) == 0 || has(self.serviceAccountName)',
      'imagePullSecrets needs serviceAccountName, the service account that lists these secrets',
      { reason: 'FieldValueRequired', fieldPath: '.serviceAccountName' },
    ),
  )
  .describe('Which image to look at. Written by the controller for images in use, by people for any other.');

export type Spec = Frozen<z.output<typeof specSchema>>;
