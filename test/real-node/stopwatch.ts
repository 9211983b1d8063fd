/** How long each stage took. */
export interface Stopwatch {
  readonly laps: readonly { readonly stage: string; readonly ms: number }[];
  /** Ends the stage that began with the one before. */
  lap(stage: string): void;
}

export function stopwatch(): Stopwatch {
  const laps: { stage: string; ms: number }[] = [];
  let begun = performance.now();
  return {
    laps,
    lap(stage) {
      const now = performance.now();
      laps.push({ stage, ms: now - begun });
      begun = now;
      process.stderr.write(`  ${stage}: ${(laps.at(-1)?.ms ?? 0 / 1000).toFixed(0)} ms\n`);
    },
  };
}
