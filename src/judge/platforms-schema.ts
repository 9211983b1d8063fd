/** Section `platforms` of the configuration, for nodes that are not in the cluster. */
import { z } from 'zod';
import { parsePlatform } from '../resolve/platform/parse.ts';
import { parsed } from '../util/schema-fields.ts';

const platform = parsed('platform', (text) => parsePlatform(text));

const taint = z.strictObject({
  key: z.string().min(1).max(317).describe('Key of the taint.'),
  value: z.string().max(63).default('').describe('Its value.'),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).describe('Its effect.'),
});

export const platformsSchema = z.strictObject({
  required: z
    .array(platform)
    .max(64)
    .prefault([])
    .describe('Platforms that every image must have where there is no cluster to ask: `linux/amd64`.'),
  additional: z
    .array(
      z.strictObject({
        platform: platform.describe('Platform of these nodes.'),
        labels: z.record(z.string(), z.string()).default({}).describe('Their labels.'),
        taints: z.array(taint).max(64).default([]).describe('Their taints.'),
      }),
    )
    .max(64)
    .prefault([])
    .describe('Nodes that the cluster can scale up to from none.'),
  ignoreRuntimeClasses: z
    .array(z.string().min(1).max(253))
    .max(1_000)
    .default([])
    .describe('RuntimeClasses whose pods are not judged by platform: WebAssembly and the like.'),
});
