/** Tells a person what takes a while, and how long it took; on stderr, so that the story stays readable in a pipe. */

const terminal = process.stderr.isTTY;

/** Shows the seconds while `work` goes on, where there is a terminal to show them on. */
export async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(0)} s`;
  const ticking = terminal
    ? setInterval(() => process.stderr.write(`\r  ${title} … ${seconds()}`), 1_000)
    : undefined;
  try {
    const result = await work();
    process.stderr.write(`${terminal ? '\r' : ''}  ${title}: ${seconds()}\n`);
    return result;
  } finally {
    clearInterval(ticking);
  }
}
