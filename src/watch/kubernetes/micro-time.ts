/** Times with six decimals, as Leases and Events write them (`V1MicroTime`); the API server refuses fewer. */

export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
