/** Catalogue of metrics as data, which the counting code, the reference page and the tests read. */

export interface MetricSpec {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, in the metric's unit. */
  readonly buckets?: readonly number[];
}

// Buckets of admission durations: the default deadline is 2.5 s, and the API server waits at most 30 s.
const admissionBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const endpointBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];

export const catalogue = {
  buildInfo: {
    name: 'pratique_build_info',
    type: 'gauge',
    help: 'Always 1. version: of Pratique; node: of Node.js.',
    labels: ['version', 'node'],
  },
  admissionRequests: {
    name: 'pratique_admission_requests_total',
    type: 'counter',
    help: 'Answered admission requests. decision: allow, warn, deny, error; reason: the worst result of the images, or none.',
    labels: ['webhook', 'operation', 'decision', 'reason'],
  },
  admissionDuration: {
    name: 'pratique_admission_duration_seconds',
    type: 'histogram',
    help: 'Time from the complete body of an admission request to its answer.',
    labels: ['webhook'],
    buckets: admissionBuckets,
  },
  admissionExempt: {
    name: 'pratique_admission_exempt_total',
    type: 'counter',
    help: 'Admission requests that were exempt from checks. exemption: Delete, BeingDeleted, StaticPod, OptOut, Unchanged.',
    labels: ['webhook', 'exemption'],
  },
  admissionDeadlineExceeded: {
    name: 'pratique_admission_deadline_exceeded_total',
    type: 'counter',
    help: 'Admission requests that were answered at the deadline before all images were checked.',
    labels: ['webhook'],
  },
  webhookInternalErrors: {
    name: 'pratique_webhook_internal_errors_total',
    type: 'counter',
    help: 'Admission requests answered with status 500 because of a programming error.',
    labels: ['webhook'],
  },
  engineApiRequests: {
    name: 'pratique_engine_api_requests_total',
    type: 'counter',
    help: 'Requests to the Docker Engine API. code: the HTTP status, or none if the client left before the answer.',
    labels: ['code'],
  },
  handshakeFailures: {
    name: 'pratique_tls_handshake_failures_total',
    type: 'counter',
    help: 'Connections to the webhook whose TLS handshake failed, usually because the client does not trust the certificate.',
    labels: [],
  },
  connectionsRejected: {
    name: 'pratique_webhook_connections_rejected_total',
    type: 'counter',
    help: 'Connections to the webhook that a limit closed. reason: not-allowed (allowedClients), too-many (per peer or in all), unused (no request in time).',
    labels: ['reason'],
  },
  requestsRejected: {
    name: 'pratique_webhook_requests_rejected_total',
    type: 'counter',
    help: 'Requests to the webhook that were rejected before admission. reason: too-large, evicted (unfinished body over a budget), late (body not complete in time), too-many-keys, client-certificate.',
    labels: ['reason'],
  },
  inspections: {
    name: 'pratique_inspections_total',
    type: 'counter',
    help: 'Inspections of images by result, including those answered from the cache.',
    labels: ['result'],
  },
  endpointInspections: {
    name: 'pratique_endpoint_inspections_total',
    type: 'counter',
    help: 'Image lookups per endpoint, by outcome. Registries not in the configuration are counted as endpoint="upstream" with their host in label registry.',
    labels: ['endpoint', 'registry', 'role', 'outcome'],
  },
  endpointHttpRequests: {
    name: 'pratique_endpoint_http_requests_total',
    type: 'counter',
    help: 'HTTP requests per endpoint, including redirects. purpose: content, token.',
    labels: ['endpoint', 'registry', 'purpose'],
  },
  endpointDuration: {
    name: 'pratique_endpoint_inspection_duration_seconds',
    type: 'histogram',
    help: 'Duration of image lookups per endpoint, including tokens and redirects. Skipped endpoints are not counted.',
    labels: ['endpoint', 'registry'],
    buckets: endpointBuckets,
  },
  breakerOpen: {
    name: 'pratique_endpoint_breaker_open',
    type: 'gauge',
    help: '1 while the circuit breaker of the endpoint is open and the endpoint is skipped, else 0.',
    labels: ['endpoint', 'registry'],
  },
  cacheEvents: {
    name: 'pratique_cache_events_total',
    type: 'counter',
    help: 'Lookups and evictions of the inspection cache. event: hit, miss, stale, shared, evicted.',
    labels: ['event'],
  },
  images: {
    name: 'pratique_images',
    type: 'gauge',
    help: 'Images in use, counted once per namespace, by the result of the last inspection. Reported by the leader.',
    labels: ['result'],
  },
  imagesDrifted: {
    name: 'pratique_images_drifted',
    type: 'gauge',
    help: 'Images in use whose tag now resolves to another digest than the one that pods run. Reported by the leader.',
    labels: [],
  },
  podsMissed: {
    name: 'pratique_pods_missed_total',
    type: 'counter',
    help: 'Pods that were created without an admission check, counted once per pod.',
    labels: [],
  },
  podsUnpinned: {
    name: 'pratique_pods_unpinned',
    type: 'gauge',
    help: 'Running pods stored with a tag although the policy pins their image. Only on the leader.',
    labels: [],
  },
  podsOptedOut: {
    name: 'pratique_pods_opted_out',
    type: 'gauge',
    help: 'Running pods excluded from checks by the label pratique.dev/skip. Reported by the leader.',
    labels: [],
  },
  workQueueDepth: {
    name: 'pratique_workqueue_depth',
    type: 'gauge',
    help: 'ImageInspections waiting in the work queue. Reported by the leader.',
    labels: [],
  },
  reconcileErrors: {
    name: 'pratique_reconcile_errors_total',
    type: 'counter',
    help: 'Failed reconciliations of an ImageInspection; each is retried with backoff.',
    labels: [],
  },
  eventsDiscarded: {
    name: 'pratique_events_discarded_total',
    type: 'counter',
    help: 'Kubernetes Events that were not written. reason: dropped (over the limit in total or per object), failed.',
    labels: ['reason'],
  },
  restClientRequests: {
    name: 'pratique_rest_client_requests_total',
    type: 'counter',
    help: 'Requests to the Kubernetes API; a watch counts when it starts. code: the HTTP status, or none without an answer.',
    labels: ['verb', 'resource', 'code'],
  },
  leader: {
    name: 'pratique_leader',
    type: 'gauge',
    help: '1 if this replica is the leader and runs the controller, else 0.',
    labels: [],
  },
  certificateExpiry: {
    name: 'pratique_certificate_expiry_timestamp_seconds',
    type: 'gauge',
    help: 'Expiry of the webhook certificate in use, in seconds since the epoch.',
    labels: [],
  },
  certificateReloads: {
    name: 'pratique_certificate_reloads_total',
    type: 'counter',
    help: 'Loads of the webhook certificate. outcome: success, failure (the previous certificate stays in use).',
    labels: ['outcome'],
  },
  configReloads: {
    name: 'pratique_config_reloads_total',
    type: 'counter',
    help: 'Loads of the configuration. outcome: success, failure (the previous configuration stays active).',
    labels: ['outcome'],
  },
  configLastReloadSuccessful: {
    name: 'pratique_config_last_reload_successful',
    type: 'gauge',
    help: '0 while the configuration files contain a version that was rejected, else 1.',
    labels: [],
  },
  logLinesDropped: {
    name: 'pratique_log_lines_dropped_total',
    type: 'counter',
    help: 'Log lines that were dropped because standard output was not read or could not be written.',
    labels: [],
  },
  cpu: {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'User and system CPU time in seconds.',
    labels: [],
  },
  startTime: {
    name: 'process_start_time_seconds',
    type: 'gauge',
    help: 'Start time of the process, in seconds since the epoch.',
    labels: [],
  },
  residentMemory: {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Resident memory in bytes.',
    labels: [],
  },
  heapUsed: {
    name: 'nodejs_heap_size_used_bytes',
    type: 'gauge',
    help: 'Used JavaScript heap in bytes.',
    labels: [],
  },
  eventLoop: {
    name: 'nodejs_eventloop_active_seconds_total',
    type: 'counter',
    help: 'Time for which the event loop was busy, in seconds.',
    labels: [],
  },
} as const satisfies Record<string, MetricSpec>;
