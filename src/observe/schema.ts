/** Section `log` of the configuration. */
import { z } from 'zod';

export const logSchema = z.strictObject({
  level: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('Lowest severity that is logged.'),
});

export type LogConfiguration = z.output<typeof logSchema>;
