/** Generator of docs/reference/metrics.md and log-events.md from the catalogues. */
import { events } from '../../src/observe/logs/catalogue.ts';
import type { EventSpec } from '../../src/observe/logs/event-spec.ts';
import { catalogue, type MetricSpec } from '../../src/observe/metrics/catalogue.ts';
import { markdownMark, tableRow, writeGenerated } from './generated-file.ts';

export function writeMetricsReference(): void {
  writeGenerated('docs/reference/metrics.md', metricsPage());
  writeGenerated('docs/reference/log-events.md', eventsPage());
}

function metricsPage(): string {
  const rows = Object.values<MetricSpec>(catalogue).map(({ name, type, labels, help }) =>
    tableRow(`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(', '), help),
  );
  return page(
    'Metrics',
    'Served at `/metrics` on the metrics listener. The number of series does not depend on the number of images.',
    [tableRow('Name', 'Type', 'Labels', 'Meaning'), tableRow('---', '---', '---', '---'), ...rows],
  );
}

function eventsPage(): string {
  const rows = Object.entries<EventSpec>(events).map(([name, { level, meaning, fields }]) => {
    const list = Object.entries(fields).map(([field, { meaning }]) => `\`${field}\`: ${meaning}`);
    return tableRow(`\`${name}\``, level, meaning, list.join('<br>'));
  });
  return page(
    'Log events',
    'JSON lines on standard output with `level`, `time` (milliseconds since 1970), `event` and the fields below. Fields without a value are omitted.',
    [tableRow('Event', 'Level', 'Meaning', 'Fields'), tableRow('---', '---', '---', '---'), ...rows],
  );
}

function page(title: string, intro: string, table: readonly string[]): string {
  return `${markdownMark('metrics-reference.ts')}\n# ${title}\n\n${intro}\n\n${table.join('\n')}\n`;
}
