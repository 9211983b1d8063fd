/** Log events about the cluster: informers, leader election, caBundle and CA rotation. */
import type { EventSpec } from './event-spec.ts';

const error = { kind: 'error', meaning: 'The error and its causes' } as const;
const kind = { kind: 'text', meaning: 'The resource, in the plural' } as const;

export const clusterEvents = {
  'cluster-connected': {
    level: 'info',
    meaning: 'A cluster is configured; nodes, namespaces and pull secrets are read from it.',
    fields: {
      namespace: { kind: 'text', meaning: "Namespace of Pratique's own objects" },
      identity: { kind: 'text', meaning: "This replica's identity in the Lease" },
    },
  },
  'informer-synced': {
    level: 'info',
    meaning: 'All objects of a resource were listed; changes are watched from now on.',
    fields: {
      kind,
      objects: { kind: 'number', meaning: 'Number of cached objects' },
      durationMs: { kind: 'number', meaning: 'Milliseconds' },
    },
  },
  'informer-watch-failed': {
    level: 'warn',
    meaning:
      'The watch on this resource failed; cached objects may be stale. It is retried with backoff; logged at most once a minute per error.',
    fields: { kind, error },
  },
  'informer-watch-restarted': {
    level: 'debug',
    meaning: 'A watch ended and was resumed, or started again with a list.',
    fields: { kind, reason: { kind: 'text', meaning: '`ended`, `expired` or `absent`' } },
  },
  'informer-handler-error': {
    level: 'error',
    meaning: 'A programming error in the handler of a change; the watch continues.',
    fields: { kind, error: { kind: 'stack', meaning: 'The error with its stack trace' } },
  },
  'leader-changed': {
    level: 'info',
    meaning: 'The Lease has a new holder, which is not this replica.',
    fields: { holder: { kind: 'text', meaning: 'The new leader; omitted if there is none' } },
  },
  'leader-election-error': {
    level: 'warn',
    meaning:
      'The Lease could not be read or renewed, or a leader task failed. It is retried; logged at most once a minute per error.',
    fields: { error },
  },
  'ca-bundle-updated': {
    level: 'info',
    meaning: 'The caBundle of a webhook configuration was updated.',
    fields: { configuration: { kind: 'text', meaning: 'Kind of the webhook configuration' } },
  },
  'ca-bundle-update-failed': {
    level: 'warn',
    meaning: 'The caBundle of the webhook configurations could not be updated; it is retried.',
    fields: { error },
  },
  'authority-rotated': {
    level: 'info',
    meaning: 'The rotation of the shared CA advanced one step.',
    fields: {
      step: { kind: 'text', meaning: '`prepare`, `promote` or `forget`' },
      notAfter: { kind: 'text', meaning: 'Expiry of the CA that signs now or next' },
    },
  },
  'authority-rotation-failed': {
    level: 'error',
    meaning: 'The shared CA could not be read or rotated; it is retried.',
    fields: { error },
  },
} as const satisfies Record<string, EventSpec>;
