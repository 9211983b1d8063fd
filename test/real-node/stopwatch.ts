/** How long each stage took, told as it ends. */
export interface Stopwatch {
  /** Ends the stage that began with the one before. */
  lap(stage: string): void;
}

export function stopwatch(): Stopwatch {
  let begun = performance.now();
  return {
    lap(stage) {
      const now = performance.now();
      process.stderr.write(`  ${((now - begun) / 1000).toFixed(1).padStart(6)} s  ${stage}\n`);
      begun = now;
    },
  };
}
