/** The part of the catalogue about the cluster itself: what is watched there, who leads, how Pratique is registered. */
import type { EventSpec } from './catalogue.ts';

const why = { kind: 'error', meaning: 'What went wrong' } as const;
const kind = { kind: 'text', meaning: 'The kind of objects, in the plural' } as const;

export const clusterEvents = {
  'cluster-connected': {
    level: 'info',
    meaning: 'A cluster is configured: nodes, namespaces and pull secrets are its own.',
    fields: {
      namespace: { kind: 'text', meaning: "Where Pratique's own objects live" },
      identity: { kind: 'text', meaning: 'This replica, as the Lease names it' },
    },
  },
  'informer-synced': {
    level: 'info',
    meaning: 'All objects of a kind were listed; from now on changes are watched.',
    fields: {
      kind,
      objects: { kind: 'number', meaning: 'How many are kept' },
      durationMs: { kind: 'number', meaning: 'Milliseconds' },
    },
  },
  'informer-watch-failed': {
    level: 'warn',
    meaning:
      'Objects of a kind cannot be watched at present; what is known of them grows old. It is tried again; the same is said once a minute.',
    fields: { kind, error: why },
  },
  'informer-watch-restarted': {
    level: 'debug',
    meaning: 'A watch ended and goes on, or begins anew with a list.',
    fields: { kind, reason: { kind: 'text', meaning: '`ended`, `expired` or `absent`' } },
  },
  'informer-handler-error': {
    level: 'error',
    meaning: 'A programming error in what follows from a change; the watch goes on.',
    fields: { kind, error: { kind: 'stack', meaning: 'The error, and where it was thrown' } },
  },
  'leader-changed': {
    level: 'info',
    meaning: 'The Lease names another leader.',
    fields: { holder: { kind: 'text', meaning: 'The leader; left out when there is none' } },
  },
  'leader-election-error': {
    level: 'warn',
    meaning:
      'The Lease could not be read or renewed, or leading failed. It is tried again; the same is said once a minute.',
    fields: { error: why },
  },
  'ca-bundle-updated': {
    level: 'info',
    meaning: 'The caBundle of a webhook configuration was filled.',
    fields: { configuration: { kind: 'text', meaning: 'Its kind' } },
  },
  'ca-bundle-update-failed': {
    level: 'warn',
    meaning: 'The caBundle of the webhook configurations could not be filled. It is tried again.',
    fields: { error: why },
  },
  'authority-rotated': {
    level: 'info',
    meaning: 'The shared certificate authority was taken one step of its rotation further.',
    fields: {
      step: { kind: 'text', meaning: '`prepare`, `promote` or `forget`' },
      notAfter: { kind: 'text', meaning: 'When the authority ends that signs from now on, or will' },
    },
  },
  'authority-rotation-failed': {
    level: 'error',
    meaning: 'The shared certificate authority could not be looked at or rotated. It is tried again.',
    fields: { error: why },
  },
} as const satisfies Record<string, EventSpec>;
