/** Schema of the `spec` of an ImageInspection. */
import { z } from 'zod';
import { listMap, listSet, validationRule } from './extensions.ts';
import { type Frozen, limits, nameField, platformField, textField } from './fields.ts';

/** Platforms that `parsePlatform` accepts, except a single word, which would hide typos. */
const platformPattern =
  /^[A-Za-z0-9_-]+(\([A-Za-z0-9_.-]*(\+[A-Za-z0-9_.-]+)*\))?\/[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)?$/;

export const specSchema = z
  .object({
    image: textField(limits.image)
      .min(1)
      // The pattern allows printable ASCII, which has all characters of a reference; tables show the field.
      .regex(/^[!-~]+$/)
      .meta(validationRule('self == oldSelf', 'image is immutable; delete the object and create another one'))
      .describe('Image as in a pod spec, for example nginx:1.27 or registry.example.com/team/app@sha256:…'),
    platforms: z
      .array(platformField().regex(platformPattern))
      .max(32)
      .meta(listSet)
      .exactOptional()
      .describe(
        'Required platforms, for example linux/arm64. Defaults to the platforms of the nodes its pods can be scheduled on; if no pod uses the image, of the nodes that a pod without tolerations can be scheduled on.',
      ),
    imagePullSecrets: z
      .array(z.object({ name: nameField().min(1).describe('Name of a Secret in this namespace.') }))
      .max(limits.secrets)
      .meta(listMap('name'))
      .exactOptional()
      .describe(
        'Pull secrets to use; each must be listed by the service account. Ignored when pods use the image: their own secrets are used.',
      ),
    serviceAccountName: nameField()
      .min(1)
      .exactOptional()
      .describe('Service account in this namespace whose pull secrets are used. Defaults to none.'),
    interval: textField(32)
      .regex(/^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/)
      .meta(
        validationRule(
          "duration(self) >= duration('1m') && duration(self) <= duration('8760h')",
          'interval must be between 1m and 8760h',
        ),
      )
      .exactOptional()
      .describe(
        'Interval of inspections, for example 30m or 1h30m. Units: ms, s, m, h. Defaults to controller.interval.',
      ),
  })
  .meta(
    validationRule(
      '!has(self.imagePullSecrets) || size(self.imagePullSecrets) == 0 || has(self.serviceAccountName)',
      'imagePullSecrets requires serviceAccountName, the service account that lists these secrets',
      { reason: 'FieldValueRequired', fieldPath: '.serviceAccountName' },
    ),
  )
  .describe('Image to inspect. Written by the controller for images in use, by users for any other image.');

export type Spec = Frozen<z.output<typeof specSchema>>;
