/** Every metric that Pratique shows, as data: the code that counts, the reference page and the tests read this one list. */

export interface MetricSpec {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, in the metric's unit. */
  readonly buckets?: readonly number[];
}

// The answer is due in 2.5 s by default and in 30 s at the very most (the API server's own limit).
const admissionBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const endpointBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];

export const catalogue = {
  buildInfo: {
    name: 'pratique_build_info',
    type: 'gauge',
    help: 'Always 1; the labels tell which Pratique runs on which Node.js.',
    labels: ['version', 'node'],
  },
  admissionRequests: {
    name: 'pratique_admission_requests_total',
    type: 'counter',
    help: 'Admission requests answered. decision: allow, warn, deny, error; reason: the worst result of the images, or none.',
    labels: ['webhook', 'operation', 'decision', 'reason'],
  },
  admissionDuration: {
    name: 'pratique_admission_duration_seconds',
    type: 'histogram',
    help: 'Time from the whole body of an admission request to its answer.',
    labels: ['webhook'],
    buckets: admissionBuckets,
  },
  admissionExempt: {
    name: 'pratique_admission_exempt_total',
    type: 'counter',
    help: 'Admission requests that needed no judgement, by why: Delete, BeingDeleted, StaticPod, OptOut, Unchanged.',
    labels: ['webhook', 'exemption'],
  },
  admissionLate: {
    name: 'pratique_admission_deadline_exceeded_total',
    type: 'counter',
    help: 'Admission requests whose judgement was cut short by the deadline.',
    labels: ['webhook'],
  },
  handlerFailures: {
    name: 'pratique_webhook_internal_errors_total',
    type: 'counter',
    help: 'Admission requests answered with status 500 because of a programming error.',
    labels: ['webhook'],
  },
  handshakeFailures: {
    name: 'pratique_tls_handshake_failures_total',
    type: 'counter',
    help: 'Connections to the webhook that failed in the TLS handshake; as a rule the client does not trust the certificate.',
    labels: [],
  },
  inspections: {
    name: 'pratique_inspections_total',
    type: 'counter',
    help: 'Inspections of an image, those answered from the cache included, by result.',
    labels: ['result'],
  },
  endpointRequests: {
    name: 'pratique_endpoint_inspections_total',
    type: 'counter',
    help: 'Inspections of an image at one endpoint, by their outcome. endpoint: its URL, or upstream for a registry that nobody configured, whose host is the label registry then.',
    labels: ['endpoint', 'registry', 'role', 'outcome'],
  },
  endpointHttpRequests: {
    name: 'pratique_endpoint_http_requests_total',
    type: 'counter',
    help: 'HTTP requests sent for an endpoint, redirects included. purpose: content, token.',
    labels: ['endpoint', 'registry', 'purpose'],
  },
  endpointDuration: {
    name: 'pratique_endpoint_inspection_duration_seconds',
    type: 'histogram',
    help: 'Time of one inspection at one endpoint, tokens and redirects included; skipped endpoints are not in it.',
    labels: ['endpoint', 'registry'],
    buckets: endpointBuckets,
  },
  breakerOpen: {
    name: 'pratique_endpoint_breaker_open',
    type: 'gauge',
    help: 'Open circuit breakers: 1 while the endpoint is not asked because it failed too often.',
    labels: ['endpoint', 'registry'],
  },
  cacheEvents: {
    name: 'pratique_cache_events_total',
    type: 'counter',
    help: 'What became of looks into the cache. event: hit, miss, stale, shared, evicted.',
    labels: ['event'],
  },
  images: {
    name: 'pratique_images',
    type: 'gauge',
    help: 'Images in use in the cluster, one for each namespace, by the result of their last inspection; only of the replica that leads.',
    labels: ['result'],
  },
  imagesDrifted: {
    name: 'pratique_images_drifted',
    type: 'gauge',
    help: 'Images in use whose tag now points to another digest than pods run; only of the replica that leads.',
    labels: [],
  },
  podsMissed: {
    name: 'pratique_pods_missed_total',
    type: 'counter',
    help: 'Pods that were stored without having been inspected, once per pod.',
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
    help: 'Pods, those that are over left out, that are not judged because of their label pratique.dev/skip; only of the replica that leads.',
    labels: [],
  },
  workQueueDepth: {
    name: 'pratique_workqueue_depth',
    type: 'gauge',
    help: 'Images that wait to be looked after; only of the replica that leads.',
    labels: [],
  },
  reconcileFailures: {
    name: 'pratique_reconcile_errors_total',
    type: 'counter',
    help: 'Times that looking after an image failed and was put off.',
    labels: [],
  },
  eventsLost: {
    name: 'pratique_events_discarded_total',
    type: 'counter',
    help: 'Kubernetes Events that were not written. reason: dropped (too many at once, or of one object), failed.',
    labels: ['reason'],
  },
  apiRequests: {
    name: 'pratique_rest_client_requests_total',
    type: 'counter',
    help: 'Requests to the Kubernetes API, a watch when it begins. code: of the answer, or none. resource: those that Pratique knows.',
    labels: ['verb', 'resource', 'code'],
  },
  leader: {
    name: 'pratique_leader',
    type: 'gauge',
    help: '1 if this replica runs the controller.',
    labels: [],
  },
  certificateExpiry: {
    name: 'pratique_certificate_expiry_timestamp_seconds',
    type: 'gauge',
    help: 'When the certificate in use ends, in seconds since the epoch.',
    labels: [],
  },
  certificateReloads: {
    name: 'pratique_certificate_reloads_total',
    type: 'counter',
    help: 'Certificates taken into use or refused. outcome: success, failure.',
    labels: ['outcome'],
  },
  configReload: {
    name: 'pratique_config_reloads_total',
    type: 'counter',
    help: 'Times the configuration was read anew. outcome: success, failure (the old one stays).',
    labels: ['outcome'],
  },
  configHealthy: {
    name: 'pratique_config_last_reload_successful',
    type: 'gauge',
    help: '0 while the configuration files have a version that was refused.',
    labels: [],
  },
  cpu: {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'User and system CPU time.',
    labels: [],
  },
  startTime: {
    name: 'process_start_time_seconds',
    type: 'gauge',
    help: 'Start of the process, in seconds since the epoch.',
    labels: [],
  },
  residentMemory: {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Resident memory.',
    labels: [],
  },
  heapUsed: {
    name: 'nodejs_heap_size_used_bytes',
    type: 'gauge',
    help: 'Used heap of the JavaScript engine.',
    labels: [],
  },
  eventLoop: {
    name: 'nodejs_eventloop_active_seconds_total',
    type: 'counter',
    help: 'Time in which the event loop was busy, in seconds.',
    labels: [],
  },
} as const satisfies Record<string, MetricSpec>;
