/** Generator of docs/reference/messages.md: every message that people can see, so that their wording is reviewed as a whole. */
import { globSync, readFileSync } from 'node:fs';
import { events } from '../../src/observe/logs/catalogue.ts';
import type { EventSpec } from '../../src/observe/logs/event-spec.ts';
import { markdownMark, writeGenerated } from './generated-file.ts';
import { sourceMessages } from './source-messages.ts';

interface Section {
  readonly title: string;
  readonly intro: string;
  readonly folders: readonly string[];
}

const sections: readonly Section[] = [
  {
    title: 'Admission',
    intro: 'Denials, warnings and their remedies, in responses, Events, conditions and on the command line.',
    folders: ['src/judge'],
  },
  {
    title: 'Endpoints and registries',
    intro: 'What a lookup at a registry or mirror found, or why it failed.',
    folders: ['src/resolve/inspection', 'src/resolve/registry'],
  },
  {
    title: 'References, platforms and manifests',
    intro: 'Why an image name, a platform or a manifest is invalid.',
    folders: ['src/resolve/reference', 'src/resolve/platform', 'src/resolve/manifest'],
  },
  {
    title: 'Credentials',
    intro: 'Errors of Docker configurations, pull secrets and credential providers.',
    folders: ['src/resolve/credentials'],
  },
  {
    title: 'Mirror configurations',
    intro: "Errors and warnings about the nodes' own configuration of mirrors.",
    folders: ['src/resolve/endpoints', 'src/document'],
  },
  {
    title: 'ImageInspections',
    intro: 'Conditions and Events.',
    folders: ['src/watch/controller', 'src/watch/api'],
  },
  {
    title: 'Cluster',
    intro: 'Errors of the Kubernetes API and failed readiness checks.',
    folders: ['src/watch/cluster', 'src/watch/kubernetes', 'src/watch/registration'],
  },
  {
    title: 'Listeners and certificates',
    intro: 'HTTP errors, and errors of listeners and certificates.',
    folders: ['src/serve'],
  },
  {
    title: 'Configuration',
    intro: 'Problems of a configuration file; each follows its file, line and key.',
    folders: ['src/config', 'src/util', 'src/observe'],
  },
  {
    title: 'Command line',
    intro: 'Errors, warnings and help.',
    folders: ['src/cli', 'src/app', 'src/main.ts'],
  },
];

export function writeMessagesReference(): void {
  const parts = sections.map(formatSection).filter((part) => part !== '');
  const page = [
    `${markdownMark('messages-reference.ts')}\n# Messages`,
    'Every text that Pratique shows to people, by the part that writes it. `‹…›` stands for a value. Metrics have a [page of their own](metrics.md), and so have the [keys of the configuration](configuration.md) and the [fields of ImageInspections](imageinspection.md).',
    ...parts,
    formatEvents(),
  ];
  writeGenerated('docs/reference/messages.md', `${page.join('\n\n')}\n`);
}

function formatSection({ title, intro, folders }: Section): string {
  const messages = new Set(
    folders.flatMap(sourcesIn).flatMap((file) => sourceMessages(readFileSync(file, 'utf8'))),
  );
  if (messages.size === 0) return '';
  return [`## ${title}`, intro, [...messages].map((message) => `- ${escape(message)}`).join('\n')].join(
    '\n\n',
  );
}

/** Schemas and the CRD describe keys and fields, which other pages show; shell scripts and XML are not messages. */
function sourcesIn(folder: string): readonly string[] {
  if (folder.endsWith('.ts')) return [folder];
  return globSync(`${folder}/**/*.ts`)
    .filter(
      (file) =>
        !/(^|[/-])(schema|crd|completion|junit)\.ts$|logs\/.*(catalogue|-events)\.ts$|metrics\/catalogue\.ts$/.test(
          file,
        ),
    )
    .sort();
}

function formatEvents(): string {
  const lines = Object.entries<EventSpec>(events).map(([name, { meaning }]) => `- \`${name}\`: ${meaning}`);
  return [
    '## Log events',
    'The fields are in the [reference of log events](log-events.md).',
    lines.join('\n'),
  ].join('\n\n');
}

/** One line without Markdown of its own. */
function escape(message: string): string {
  return message
    .trim()
    .replace(/\s*\n\s*/g, ' ⏎ ')
    .replace(/[<*_`|]/g, '\\$&');
}
