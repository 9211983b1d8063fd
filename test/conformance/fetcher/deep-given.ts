/** Reads what a case of `--deep` gives: each phrase makes one scenario, or several that all must come to what is wanted. */
import { DeepScenario, layer, type PartScript } from './deep-scenario.ts';

type Build = (captured: readonly string[], given: string) => readonly DeepScenario[];

function scenario(set: (scenario: DeepScenario) => void): DeepScenario {
  const made = new DeepScenario();
  set(made);
  return made;
}

const answers =
  (status: number): PartScript =>
  () => ({ status });
const toHead =
  (script: PartScript): PartScript =>
  (request) =>
    request.method === 'HEAD' ? script(request) : null;

const ofType = (mediaType: string, more: object = {}) =>
  scenario((s) => void (s.layers = [layer('one', { mediaType, ...more }), layer('two')]));

const nondistributable = [
  'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
];
const archs = ['amd64', 'arm64'];

/** `405, 501 or 404` */
const numbers = (text: string): number[] => [...text.matchAll(/\d{3}/g)].map(Number);

const rules: readonly (readonly [RegExp, Build])[] = [
  [
    /^an image whose config and layers all answer HEAD 200/,
    () => [scenario((s) => void (s.platforms = archs))],
  ],
  [
    /^(?:one|a) layer (\d{3}) at every endpoint/,
    ([status]) => [
      scenario(
        (s) =>
          void s.script('A', 'layer', answers(Number(status))).script('B', 'layer', answers(Number(status))),
      ),
    ],
  ],
  [
    /^the mirror serves the manifest and not the layer/,
    () => [scenario((s) => void s.script('A', 'layer', answers(404)))],
  ],
  [
    /^the mirror (\d{3}), upstream (\d{3})$/,
    ([a, b]) => [
      scenario(
        (s) => void s.script('A', 'layer', answers(Number(a))).script('B', 'layer', answers(Number(b))),
      ),
    ],
  ],
  [
    /^an index whose child for an eligible platform is (\d{3}) everywhere$/,
    ([status]) => [
      scenario((s) => {
        s.platforms = archs;
        s.arguments.push('--platform', 'linux/amd64', '--platform', 'linux/arm64');
        s.script('A', 'child', answers(Number(status))).script('B', 'child', answers(Number(status)));
      }),
    ],
  ],
  [
    /^a foreign or nondistributable layer with urls$/,
    () =>
      nondistributable.map((mediaType) => {
        const made = ofType(mediaType, { urls: ['http://U/1', 'http://U/2'] });
        made.hasMirror = true;
        return made;
      }),
  ],
  [
    /^a (?:foreign|nondistributable) layer without urls$/,
    () => nondistributable.map((mediaType) => ofType(mediaType)),
  ],
  [
    /^a url at (\d+\.\d+\.\d+\.\d+)/,
    ([address]) => [ofType(nondistributable[1] ?? '', { urls: [`http://${address}/1`] })],
  ],
  [
    /^HEAD of a blob answers ([\d, or]+)$/,
    ([statuses = '']) =>
      numbers(statuses).map((status) =>
        scenario((s) => void s.script('B', 'layer', toHead(answers(status)))),
      ),
  ],
  [
    /^HEAD is redirected and refused there/,
    () => [
      scenario((s) => {
        s.script('B', 'layer', () => ({ status: 307, headers: { location: 'U:/signed' } }));
        s.external.set('/signed', toHead(answers(403)));
      }),
    ],
  ],
  [
    /^Content-Length differs from the size of the descriptor$/,
    () => [
      scenario(
        (s) =>
          void s.script(
            'B',
            'layer',
            toHead(() => ({ headers: { 'content-length': '7' } })),
          ),
      ),
    ],
  ],
  [
    /^HEAD tells no length$/,
    () => [
      scenario(
        (s) =>
          void s.script(
            'B',
            'blobs',
            toHead(() => ({ headers: { 'transfer-encoding': 'chunked' } })),
          ),
      ),
    ],
  ],
  [
    /^two platforms share layers, or a manifest names one twice$/,
    () => [
      scenario((s) => void [(s.platforms = archs), (s.sharesLayers = true)]),
      scenario((s) => void (s.layers = [layer('one'), layer('two'), layer('one')])),
    ],
  ],
  [
    /^(\d+) layers$/,
    ([count]) => [
      scenario((s) => {
        s.layers = Array.from({ length: Number(count) }, (_, index) => layer(`number ${index}`));
        s.wantsToken = true;
        s.isSlow = true;
      }),
    ],
  ],
  [
    /^a layer with the annotation (\S+), and a server that ignores Range$/,
    ([annotation = '']) => [
      scenario((s) => {
        s.layers = [
          layer('one', { annotations: { [annotation]: `sha256:${'0'.repeat(64)}` } }),
          layer('two'),
        ];
        s.script('B', 'layer', ({ headers }) =>
          headers.range === undefined ? null : { body: s.layers[0]?.content ?? '' },
        );
      }),
    ],
  ],
  [
    /^a layer type that ends in (\S+)$/,
    ([end]) => [ofType(`application/vnd.oci.image.layer.v1.tar+gzip${end}`)],
  ],
  [
    /^a zstd layer for nodes with .*containerd before (\d+)\.(\d+)/,
    ([major, minor]) =>
      [
        'application/vnd.oci.image.layer.v1.tar+zstd',
        'application/vnd.docker.image.rootfs.diff.tar.zstd',
      ].map((type) => {
        const made = ofType(type);
        made.containerdVersion = `${major}.${Number(minor) - 1}`;
        return made;
      }),
  ],
  [/^a layer whose type containerd has no name for$/, () => [ofType('application/vnd.example.layer')]],
  [
    /^(docker\.io)$/,
    ([domain]) => [scenario((s) => void [(s.domain = domain ?? null), (s.platforms = archs)])],
  ],
  [/^a webhook request$/, () => [scenario((s) => void (s.arguments = []))]],
  // What nodes that fetch in parallel would meet: every byte is read, and ranges are tried.
  [/^chunks of \d+(?:, two at a time)?$/, () => [reading(() => null)]],
  [/^the third chunk answers \d{3}(?: once)?$/, () => [reading(() => null)]],
  [/^the server ignores Range$/, () => [reading((content) => ({ body: content }))]],
  [/^the server answers (\d{3}) to Range: \S+$/, ([status]) => [reading(() => ({ status: Number(status) }))]],
  [/^chunks, and gzip content encoding$/, () => [reading(() => null)]],
];

/** A layer of 4 KiB that is read; `ranged` is what requests for a part of it are answered. */
function reading(ranged: (content: Buffer) => ReturnType<PartScript>): DeepScenario {
  return scenario((s) => {
    const content = Buffer.alloc(4096, 'content ');
    s.layers = [{ content }];
    s.arguments = ['--deep=read'];
    s.script('B', 'layer', ({ headers }) => (headers.range === undefined ? null : ranged(content)));
  });
}

/** Throws for a phrase that no rule reads. */
export function readDeepGiven(given: string): readonly DeepScenario[] {
  for (const [pattern, make] of rules) {
    const match = pattern.exec(given);
    if (match) return make(match.slice(1), given);
  }
  throw new Error(`no scenario for "${given}"`);
}
