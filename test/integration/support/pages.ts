/** The how-tos and the page of the command line, and their fenced parts. */
import { readdirSync } from 'node:fs';

export const docs = new URL('../../../docs/', import.meta.url);
const howTos = readdirSync(new URL('how-to/', docs)).map((name) => `how-to/${name}`);
export const pages: readonly string[] = [...howTos, 'reference/command-line.md'];

/** What they show needs a cluster: it stands in `text` fences, pasted from runs of `make cluster`. */
export const inACluster: ReadonlySet<string> = new Set([
  'how-to/imageinspections.md',
  'how-to/install-in-a-cluster.md',
  'how-to/live-nodes.md',
  'how-to/pins-and-drift.md',
  'how-to/when-pratique-is-down.md',
]);

export interface Fence {
  readonly language: string;
  readonly title: string | null;
  readonly body: string;
  /** Where the body begins in the page. */
  readonly at: number;
}

export function fences(page: string): readonly Fence[] {
  const found = page.matchAll(/^```(\w+)(?: title="([^"\n]+)")?\n(.*?)^```$/gms);
  return [...found].map(({ 0: whole, 1: language = '', 2: title = null, 3: body = '', index }) => {
    return { language, title, body, at: index + whole.length - '```'.length - body.length };
  });
}
