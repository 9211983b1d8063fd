/** Log events of the controller, which runs in the leader. */
import type { EventSpec } from './event-spec.ts';

const namespace = { kind: 'text', meaning: "The object's namespace" } as const;
const name = { kind: 'text', meaning: 'The ImageInspection' } as const;
const image = { kind: 'text', meaning: "The image as in the object's spec" } as const;
const inspection = { namespace, name, image } as const;

export const controllerEvents = {
  'leader-election-won': {
    level: 'info',
    meaning: 'This replica became the leader and runs the controller.',
    fields: {},
  },
  'leader-election-lost': {
    level: 'info',
    meaning: 'This replica lost leadership; all leader tasks have stopped.',
    fields: {},
  },
  'controller-synced': {
    level: 'info',
    meaning: "The controller's informers are synced and its workers started.",
    fields: {
      images: { kind: 'number', meaning: 'Images in use, counted once per namespace' },
      durationMs: { kind: 'number', meaning: 'Milliseconds since this replica became the leader' },
    },
  },
  'inspection-created': {
    level: 'debug',
    meaning: 'An ImageInspection was created for an image that a pod uses for the first time.',
    fields: inspection,
  },
  'inspection-removed': {
    level: 'debug',
    meaning: 'An ImageInspection was deleted because no pod uses its image.',
    fields: inspection,
  },
  'inspection-name-conflict': {
    level: 'warn',
    meaning:
      'Another ImageInspection already uses the name this image needs, so the image has no ImageInspection.',
    fields: { ...inspection, hidden: { kind: 'text', meaning: 'The image without an ImageInspection' } },
  },
  'image-result-changed': {
    level: 'info',
    meaning: 'The result of an image changed.',
    fields: {
      ...inspection,
      before: { kind: 'text', meaning: 'The previous result; omitted if there was none' },
      result: { kind: 'text', meaning: 'The new result' },
      reason: { kind: 'text', meaning: "The new result's reason" },
      message: { kind: 'message', meaning: 'The new result as a sentence' },
    },
  },
  'inspection-deferred': {
    level: 'info',
    meaning: 'An inspection was deferred for a reason inside Pratique; the last status stays.',
    fields: { ...inspection, reason: { kind: 'message', meaning: 'Why it was deferred' } },
  },
  'reconcile-failed': {
    level: 'warn',
    meaning: 'Reconciling an ImageInspection failed; it is retried with backoff.',
    fields: {
      object: { kind: 'text', meaning: 'Namespace and name of the ImageInspection' },
      failures: { kind: 'number', meaning: 'Number of consecutive failures' },
      error: { kind: 'error', meaning: 'The error and its causes' },
    },
  },
  'event-failed': {
    level: 'warn',
    meaning:
      'A Kubernetes Event could not be written and was dropped; the ImageInspection has the same information. Logged at most once a minute per error.',
    fields: {
      namespace: { kind: 'text', meaning: "Namespace of the Event's object" },
      name: { kind: 'text', meaning: "Name of the Event's object" },
      reason: { kind: 'text', meaning: "The Event's reason" },
      error: { kind: 'error', meaning: 'The error and its causes' },
    },
  },
  'admission-missed': {
    level: 'warn',
    meaning: 'A pod was created without an admission check; the controller inspects its images now.',
    fields: {
      namespace: { kind: 'text', meaning: "The pod's namespace" },
      name: { kind: 'text', meaning: "The pod's name" },
    },
  },
} as const satisfies Record<string, EventSpec>;
