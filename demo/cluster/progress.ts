/** Progress of slow steps on stderr, with their seconds; stdout stays readable in a pipe. */

const terminal = process.stderr.isTTY;

/** Runs `work` and shows its seconds, on a terminal while it runs. */
export async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(0)} s`;
  const ticking = terminal
    ? setInterval(() => process.stderr.write(`\r  ${title} … ${seconds()}`), 1_000)
    : undefined;
  try {
    const result = await work();
    process.stderr.write(`${terminal ? '\r\u001b[K' : ''}  ${title}: ${seconds()}\n`);
    return result;
  } finally {
    clearInterval(ticking);
  }
}
