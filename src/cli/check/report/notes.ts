/**
 * Messages that `pratique check` writes to stderr: unreadable documents, duplicate keys, and objects of
 * unknown kinds that hold containers.
 */
import { clean } from '../../../util/text/text.ts';
import type { Output } from '../../io.ts';
import { paint } from '../../output/table.ts';
import type { ManifestNote, Manifests } from '../manifests.ts';

export function reportNotes(manifests: Manifests, output: Output): string {
  const { workloads, problems, warnings, passedOver } = manifests;
  const lines = [
    ...problems.map((note) => `${paint('error', 'bad', output)} ${formatNote(note)}`),
    ...warnings.map((note) => `${paint('warning', 'doubt', output)} ${formatNote(note)}`),
    ...[...passedOver].map(([kind, count]) => `passed over, not judged: ${count} ${kind}`),
  ];
  if (workloads.length === 0 && problems.length === 0) {
    lines.push('the manifests contain no pods or pod templates');
  }
  return lines.map((line) => `${line}\n`).join('');
}

function formatNote({ source, line, message }: ManifestNote): string {
  return `${clean(source, 200)}:${line}: ${clean(message, 600)}`;
}
