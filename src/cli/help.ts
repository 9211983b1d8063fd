/** The help texts, one per verb. */
import type { verbs } from './arguments.ts';

const general = `pratique: may these container images enter?

  pratique inspect IMAGE…      ask the registries, mirrors first, as a node would
  pratique endpoints IMAGE…    which endpoints a node would ask, and why; sends nothing
  pratique check -f FILE…      what admission would say to the pods in these manifests
  pratique serve               the admission webhook

  pratique VERB --help         more about one of them
  pratique --version

Configuration: --config FILE, else $PRATIQUE_CONFIG, else the defaults (upstream only, any platform).
Exit status: 0 good, 1 refused, 2 usage or configuration, 3 a registry could not be asked.
`;

const texts: Readonly<Record<(typeof verbs)[number], string>> = {
  inspect: `pratique inspect [OPTION]… IMAGE…

Resolves each image through the endpoints that a node would ask and says what it is.

  --config FILE          configuration file
  --platform P           must have this platform (linux/arm64); may be repeated; replaces platforms.required
  --all-endpoints        ask every endpoint instead of stopping at the first that serves
  --deep                 would the pull finish: look for every configuration and layer of every
                         platform (of those of --platform) where the node would get it
  --deep=read            the same, and read them: size and digest are verified
  --timeout DURATION     for each image, default 30s, with --deep 60s
  -o, --output FORMAT    table (default) or json

Exit status: 0 all available; 1 some image is not; 3 some could not be asked and none is worse; 2 usage.

  pratique inspect nginx:1.27 --platform linux/arm64
  pratique inspect --all-endpoints -o json registry.corp:5000/team/app:3
  pratique inspect --deep --platform linux/amd64 registry.corp:5000/team/app:3
`,
  endpoints: `pratique endpoints [OPTION]… IMAGE…

Shows the ordered endpoint list of each image with the file and line behind every entry, what is
skipped and why, and the quirks of the configuration. Sends no packet.

  --config FILE          configuration file
  -o, --output FORMAT    table (default) or json

Exit status: 0; 1 an image cannot be parsed; 2 usage.
`,
  check: `pratique check [OPTION]… -f FILE…

Says what admission would say to every pod and pod template in YAML or JSON manifests: several
documents in a file, Lists, and Namespaces (whose labels count for the objects in them).

  --config FILE          configuration file
  -f, --file FILE        manifests; - is standard input; may be repeated
  -o, --output FORMAT    table (default) or json

Exit status: 0 none denied; 1 some denied; 2 usage.

  kubectl kustomize overlays/prod | pratique check -f -
`,
  serve: `pratique serve [OPTION]…

Serves the admission webhooks (/mutate, /validate) over TLS, and /metrics, /healthz and /readyz.
SIGTERM drains and ends with exit status 0.

  --config FILE          configuration file; reloaded when it or a file it names changes
`,
};

/** Help of one verb, or the overview when the verb is null or unknown. */
export function help(verb: string | null): string {
  return verb !== null && Object.hasOwn(texts, verb) ? texts[verb as keyof typeof texts] : general;
}
