/** Every event that Pratique logs, as data: the logger writes no others, and no fields but these. */
import { clusterEvents } from './cluster-events.ts';
import { controllerEvents } from './controller-events.ts';

/**
 * `text`: at most 256 characters. `message`: up to 1,024, without credentials. `error`: an error and its causes on one
 * line. `stack`: also where it was thrown, for programming errors.
 */
export type FieldKind = 'text' | 'message' | 'number' | 'flag' | 'error' | 'stack';

export interface FieldSpec {
  readonly kind: FieldKind;
  readonly meaning: string;
}

export type Level = 'debug' | 'info' | 'warn' | 'error';

export interface EventSpec {
  readonly level: Level;
  readonly meaning: string;
  readonly fields: Readonly<Record<string, FieldSpec>>;
}

const why = { kind: 'error', meaning: 'What went wrong' } as const;
const endpoint = { kind: 'text', meaning: "The endpoint's API root" } as const;

export const events = {
  started: {
    level: 'info',
    meaning: 'All listeners are open.',
    fields: {
      version: { kind: 'text', meaning: "Pratique's version" },
      webhook: { kind: 'text', meaning: 'Where the webhook listens' },
      metrics: { kind: 'text', meaning: 'Where the metrics listener listens' },
      engineApi: { kind: 'text', meaning: 'Where the Engine API listens, if it does' },
    },
  },
  stopping: {
    level: 'info',
    meaning: 'Not ready from now on; requests are served until the drain is over.',
    fields: { signal: { kind: 'text', meaning: 'The signal that asked for it' } },
  },
  stopped: { level: 'info', meaning: 'Drained; the process ends.', fields: {} },
  fatal: {
    level: 'error',
    meaning: 'Pratique cannot start or go on.',
    fields: { error: why },
  },
  'configuration-loaded': {
    level: 'info',
    meaning: 'A configuration is in use from now on.',
    fields: { file: { kind: 'text', meaning: 'Its path' } },
  },
  'configuration-rejected': {
    level: 'error',
    meaning: 'A new version of the configuration is wrong; the old one stays in use.',
    fields: { file: { kind: 'text', meaning: 'Its path' }, error: why },
  },
  'configuration-warning': {
    level: 'warn',
    meaning: 'Something that is configured, mirrors as a rule, works otherwise than it looks.',
    fields: {
      code: { kind: 'text', meaning: 'The kind of warning' },
      message: { kind: 'message', meaning: 'What it is, and what the nodes or Pratique do' },
      source: { kind: 'text', meaning: 'File and line, or the object of a cluster' },
    },
  },
  'certificate-loaded': {
    level: 'info',
    meaning: "The webhook's certificate is in use from now on.",
    fields: {
      notAfter: { kind: 'text', meaning: 'When it ends' },
      caBundle: {
        kind: 'message',
        meaning: 'Mode `self`: its CA, as `clientConfig.caBundle` of a webhook configuration wants it',
      },
    },
  },
  'certificate-rejected': {
    level: 'error',
    meaning: 'A new certificate is wrong or could not be made; the old one stays in use.',
    fields: { error: why },
  },
  'credential-provider-failed': {
    level: 'warn',
    meaning: 'A credential provider gave nothing; images are asked without it.',
    fields: {
      provider: { kind: 'text', meaning: 'Its name' },
      message: { kind: 'message', meaning: 'What happened' },
    },
  },
  'handshake-failed': {
    level: 'debug',
    meaning: 'A connection to the webhook failed in the TLS handshake; its number is a metric.',
    fields: { error: why },
  },
  'webhook-internal-error': {
    level: 'error',
    meaning: 'A programming error: an admission request was answered with status 500.',
    fields: {
      webhook: { kind: 'text', meaning: '`mutate` or `validate`' },
      error: { kind: 'stack', meaning: 'The error, and where it was thrown' },
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
      uid: { kind: 'text', meaning: "The request's" },
      operation: { kind: 'text', meaning: '`CREATE` or `UPDATE`' },
      namespace: { kind: 'text', meaning: "The object's" },
      name: { kind: 'text', meaning: "The object's, or its `generateName`" },
      kind: { kind: 'text', meaning: "The object's kind" },
      decision: { kind: 'text', meaning: '`allow`, `warn`, `deny` or `error`' },
      reason: { kind: 'text', meaning: 'The worst result of its images, or `none`' },
      exemption: { kind: 'text', meaning: 'Why no judgement was needed' },
      images: {
        kind: 'message',
        meaning: 'The images that are not `available`, each with its result, at most 8',
      },
      message: { kind: 'message', meaning: 'What a person was told by a denial or an error' },
      late: { kind: 'flag', meaning: 'true if the deadline cut the judgement short' },
      dryRun: { kind: 'flag', meaning: 'true for a dry run' },
      durationMs: { kind: 'number', meaning: 'Milliseconds from request to answer' },
    },
  },
  'admission-failed': {
    level: 'error',
    meaning: 'Something went wrong inside while an admission request was answered.',
    fields: {
      uid: { kind: 'text', meaning: "The request's" },
      error: { kind: 'stack', meaning: 'The error, and where it was thrown' },
    },
  },
  'endpoint-queried': {
    level: 'debug',
    meaning: 'One endpoint was asked for an image, or skipped.',
    fields: {
      endpoint,
      repository: { kind: 'text', meaning: 'The repository asked for there' },
      result: { kind: 'text', meaning: "The endpoint's result" },
      reason: { kind: 'text', meaning: 'Its detail' },
      status: { kind: 'number', meaning: 'Last HTTP status' },
      message: { kind: 'message', meaning: 'In words' },
      durationMs: { kind: 'number', meaning: 'Milliseconds' },
    },
  },
  'breaker-opened': {
    level: 'warn',
    meaning: 'An endpoint failed too often and is left alone for a while.',
    fields: { endpoint },
  },
  'breaker-closed': {
    level: 'info',
    meaning: 'An endpoint that was left alone works again.',
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

/** The fields of an event; null, false and the empty text are left out of the line. */
export type LogFields<E extends LogEvent> = {
  readonly [F in keyof (typeof events)[E]['fields']]: (typeof events)[E]['fields'][F] extends {
    kind: infer K extends FieldKind;
  }
    ? ValueOf<K> | null
    : never;
};
