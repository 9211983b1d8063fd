/** Section `cache` of the configuration. */
import { z } from 'zod';
import { duration } from '../../util/schema-fields.ts';

export const cacheSchema = z.strictObject({
  tagTTL: duration().prefault('60s').describe('How long the digest of a tag is believed.'),
  failureTTL: duration().prefault('5s').describe('How long a failure is believed.'),
  maxStale: duration()
    .prefault('24h')
    .describe('Greatest age of an answer that is served while no registry can be asked; 0s: never.'),
  maxEntries: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(20_000)
    .describe('Most entries kept; the least recently used go first.'),
});
