/** Which of Pratique's counters moved during the demo. */

export type Samples = ReadonlyMap<string, number>;

/** Counters and gauges of `/metrics`, by name and labels; histograms are too long for a demo. */
export async function readMetrics(url: string): Promise<Samples> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, series = '', value = ''] = /^(pratique_[^ ]+) ([^ ]+)$/.exec(line) ?? [];
    if (series !== '' && !/_(?:bucket|sum|count)\b/.test(series)) samples.set(series, Number(value));
  }
  return samples;
}

/** Series that changed, with by how much. */
export function movedMetrics(before: Samples, after: Samples): Samples {
  const moved = [...after].map(([series, value]) => [series, value - (before.get(series) ?? 0)] as const);
  return new Map(moved.filter(([, difference]) => difference !== 0));
}
