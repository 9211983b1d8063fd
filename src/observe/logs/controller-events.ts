/** The part of the catalogue about the controller: what it finds and does while this replica leads. */
import type { EventSpec } from './catalogue.ts';

const namespace = { kind: 'text', meaning: "The object's namespace" } as const;
const name = { kind: 'text', meaning: 'The ImageInspection' } as const;
const image = { kind: 'text', meaning: 'The image as its object names it' } as const;
const named = { namespace, name, image } as const;

export const controllerEvents = {
  'leader-election-won': {
    level: 'info',
    meaning: 'This replica leads from now on: it keeps the ImageInspections up to date.',
    fields: {},
  },
  'leader-election-lost': {
    level: 'info',
    meaning: 'This replica leads no longer; everything under way for that has ended.',
    fields: {},
  },
  'controller-synced': {
    level: 'info',
    meaning: 'All that the controller needs to know is known; work begins.',
    fields: {
      images: { kind: 'number', meaning: 'Images in use, one for each namespace' },
      durationMs: { kind: 'number', meaning: 'Milliseconds since leadership was gained' },
    },
  },
  'inspection-created': {
    level: 'debug',
    meaning: 'An image came into use: its ImageInspection was created.',
    fields: named,
  },
  'inspection-removed': {
    level: 'debug',
    meaning: 'An image is in use no longer: its ImageInspection was removed.',
    fields: named,
  },
  'inspection-name-conflict': {
    level: 'warn',
    meaning:
      'Somebody made an ImageInspection of the name that the one of another image, which pods use, is to have: that image has none.',
    fields: { ...named, hidden: { kind: 'text', meaning: 'The image that has none' } },
  },
  'image-result-changed': {
    level: 'info',
    meaning: 'An image has another result than before.',
    fields: {
      ...named,
      before: { kind: 'text', meaning: 'The result before; left out when there was none' },
      result: { kind: 'text', meaning: 'The result now' },
      reason: { kind: 'text', meaning: 'Its detail' },
      message: { kind: 'message', meaning: 'In words' },
    },
  },
  'inspection-deferred': {
    level: 'info',
    meaning: 'An image could not be inspected now for a reason of ours; what was known of it stays.',
    fields: { ...named, reason: { kind: 'message', meaning: 'The reason' } },
  },
  'reconcile-failed': {
    level: 'warn',
    meaning: 'Looking after an ImageInspection failed. It is tried again, later each time.',
    fields: {
      object: { kind: 'text', meaning: 'Its namespace and name' },
      failures: { kind: 'number', meaning: 'How often in a row' },
      error: { kind: 'error', meaning: 'What went wrong' },
    },
  },
  'event-failed': {
    level: 'warn',
    meaning:
      'An Event could not be written and is lost; the ImageInspection tells the same. The same is said once a minute.',
    fields: {
      namespace: { kind: 'text', meaning: 'Of the object that it was about' },
      name: { kind: 'text', meaning: 'Of the object that it was about' },
      reason: { kind: 'text', meaning: "The Event's" },
      error: { kind: 'error', meaning: 'What went wrong' },
    },
  },
  'admission-missed': {
    level: 'warn',
    meaning: 'A pod was stored without having been judged; its images are inspected now.',
    fields: {
      namespace: { kind: 'text', meaning: "The pod's" },
      name: { kind: 'text', meaning: "The pod's" },
    },
  },
} as const satisfies Record<string, EventSpec>;
