/** Schema of the configuration section `cache`. */
import { z } from 'zod';
import { duration } from '../../util/schema-fields.ts';

export const cacheSchema = z.strictObject({
  tagTTL: duration().prefault('60s').describe('Time for which the digest of a tag is reused.'),
  failureTTL: duration().prefault('5s').describe('Time for which a failure is reused.'),
  maxStale: duration()
    .prefault('24h')
    .describe('Maximum age of an answer that is served while no registry can be asked; 0s for never.'),
  maxEntries: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(20_000)
    .describe('Maximum number of entries; the least recently used are evicted first.'),
});
