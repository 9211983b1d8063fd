/** Catalogue of log events as data. The logger writes no other events and no other fields. */
import { clusterEvents } from './cluster-events.ts';
import { controllerEvents } from './controller-events.ts';
import type { EventSpec, FieldKind } from './event-spec.ts';

const error = { kind: 'error', meaning: 'The error and its causes' } as const;
const endpoint = { kind: 'text', meaning: "The endpoint's API root" } as const;

export const events = {
  started: {
    level: 'info',
    meaning: 'The server has started; all listeners are open.',
    fields: {
      version: { kind: 'text', meaning: "Pratique's version" },
      webhook: { kind: 'text', meaning: 'Address of the webhook listener' },
      metrics: { kind: 'text', meaning: 'Address of the metrics listener' },
      engineApi: { kind: 'text', meaning: 'Address of the Engine API listener, if it is on' },
    },
  },
  stopping: {
    level: 'info',
    meaning: 'The server is shutting down: it is not ready, and it answers requests until the drain ends.',
    fields: { signal: { kind: 'text', meaning: 'The signal that was received' } },
  },
  stopped: { level: 'info', meaning: 'The drain has ended; the process exits.', fields: {} },
  fatal: {
    level: 'error',
    meaning: 'The server cannot start or continue; the process exits with status 1.',
    fields: { error },
  },
  'configuration-loaded': {
    level: 'info',
    meaning: 'A version of the configuration was loaded and is now active.',
    fields: { file: { kind: 'text', meaning: "The configuration file's path" } },
  },
  'configuration-rejected': {
    level: 'error',
    meaning: 'A new version of the configuration is invalid; the previous one stays active.',
    fields: { file: { kind: 'text', meaning: "The configuration file's path" }, error },
  },
  'configuration-warning': {
    level: 'warn',
    meaning: 'A setting, usually a mirror, does not do what it appears to do.',
    fields: {
      code: { kind: 'text', meaning: "The warning's code" },
      message: { kind: 'message', meaning: 'The setting and its actual effect' },
      source: { kind: 'text', meaning: 'File and line, or the cluster object' },
    },
  },
  'certificate-loaded': {
    level: 'info',
    meaning: 'A certificate of the webhook listener was loaded and is now in use.',
    fields: {
      notAfter: { kind: 'text', meaning: 'When the certificate expires' },
      caBundle: {
        kind: 'message',
        meaning: 'In mode `self` the CA, in the form of `clientConfig.caBundle` of a webhook configuration',
      },
    },
  },
  'certificate-rejected': {
    level: 'error',
    meaning: 'A new certificate is invalid or could not be issued; the previous one stays in use.',
    fields: { error },
  },
  'certificate-expiring': {
    level: 'warn',
    meaning: 'The certificate of the webhook listener expires soon. Logged at 7 days and at 1 day.',
    fields: {
      notAfter: { kind: 'text', meaning: 'When the certificate expires' },
      daysLeft: { kind: 'number', meaning: 'Days until then, at most' },
    },
  },
  'certificate-expired': {
    level: 'error',
    meaning: 'The certificate of the webhook listener has expired; the API server rejects connections.',
    fields: { notAfter: { kind: 'text', meaning: 'When the certificate expired' } },
  },
  'readiness-check-failed': {
    level: 'warn',
    meaning:
      'A readiness check fails, so this replica gets no requests. Also logged when the reason changes.',
    fields: {
      check: { kind: 'text', meaning: 'Name of the check, as in /readyz?verbose' },
      reason: { kind: 'message', meaning: 'Why it fails' },
    },
  },
  'readiness-check-passed': {
    level: 'info',
    meaning: 'A readiness check passes again.',
    fields: { check: { kind: 'text', meaning: 'Name of the check, as in /readyz?verbose' } },
  },
  'credential-provider-failed': {
    level: 'warn',
    meaning: 'A credential provider failed; images are inspected without its credentials.',
    fields: {
      provider: { kind: 'text', meaning: "The provider's name" },
      message: { kind: 'message', meaning: 'The error' },
    },
  },
  'handshake-failed': {
    level: 'debug',
    meaning:
      'The TLS handshake of a connection to the webhook failed; counted in pratique_tls_handshake_failures_total.',
    fields: { error },
  },
  'webhook-internal-error': {
    level: 'error',
    meaning: 'A programming error; the admission request was answered with status 500.',
    fields: {
      webhook: { kind: 'text', meaning: '`mutate` or `validate`' },
      error: { kind: 'stack', meaning: 'The error with its stack trace' },
    },
  },
  'engine-api-internal-error': {
    level: 'error',
    meaning: 'A programming error: a request to the Engine API was answered with status 500.',
    fields: { error: { kind: 'stack', meaning: 'The error, and where it was thrown' } },
  },
  admission: {
    level: 'info',
    meaning: 'An admission request was answered.',
    fields: {
      webhook: { kind: 'text', meaning: '`mutate` or `validate`' },
      uid: { kind: 'text', meaning: 'UID of the admission request' },
      operation: { kind: 'text', meaning: '`CREATE` or `UPDATE`' },
      namespace: { kind: 'text', meaning: "The object's namespace" },
      name: { kind: 'text', meaning: "The object's name or `generateName`" },
      kind: { kind: 'text', meaning: "The object's kind" },
      decision: { kind: 'text', meaning: '`allow`, `warn`, `deny` or `error`' },
      reason: { kind: 'text', meaning: 'The worst result of the images, or `none`' },
      exemption: { kind: 'text', meaning: 'Why the object was not checked' },
      images: {
        kind: 'message',
        meaning: 'The images that are not `available`, each with its result, at most 8',
      },
      message: { kind: 'message', meaning: 'The message of a denial or an error' },
      late: { kind: 'flag', meaning: 'true if the deadline was exceeded' },
      dryRun: { kind: 'flag', meaning: 'true for a dry run' },
      durationMs: { kind: 'number', meaning: 'Milliseconds from request to answer' },
    },
  },
  'admission-failed': {
    level: 'error',
    meaning: 'An internal error occurred while an admission request was answered; `policy.onError` decided.',
    fields: {
      uid: { kind: 'text', meaning: 'UID of the admission request' },
      error: { kind: 'stack', meaning: 'The error with its stack trace' },
    },
  },
  'endpoint-queried': {
    level: 'debug',
    meaning: 'An image was looked up at one endpoint, or the endpoint was skipped.',
    fields: {
      endpoint,
      repository: { kind: 'text', meaning: 'The repository at that endpoint' },
      result: { kind: 'text', meaning: "The endpoint's result" },
      reason: { kind: 'text', meaning: "The result's reason" },
      status: { kind: 'number', meaning: 'The last HTTP status' },
      message: { kind: 'message', meaning: 'The result as a sentence' },
      durationMs: { kind: 'number', meaning: 'Milliseconds' },
    },
  },
  'breaker-opened': {
    level: 'warn',
    meaning: 'An endpoint failed repeatedly; its circuit breaker opened and it is skipped for a while.',
    fields: { endpoint },
  },
  'breaker-closed': {
    level: 'info',
    meaning: 'An endpoint answers again; its circuit breaker closed.',
    fields: { endpoint },
  },
  ...clusterEvents,
  ...controllerEvents,
} as const satisfies Record<string, EventSpec>;

export type LogEvent = keyof typeof events;

type ValueOf<K extends FieldKind> = K extends 'number'
  ? number
  : K extends 'flag'
    ? boolean
    : K extends 'error' | 'stack'
      ? unknown
      : string;

/** Fields of an event. The logger omits null, false and empty text from the line. */
export type LogFields<E extends LogEvent> = {
  readonly [F in keyof (typeof events)[E]['fields']]: (typeof events)[E]['fields'][F] extends {
    kind: infer K extends FieldKind;
  }
    ? ValueOf<K> | null
    : never;
};
