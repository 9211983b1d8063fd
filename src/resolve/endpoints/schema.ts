/** Schema of the configuration section `mirrors`, which names the nodes' own files to read. */
import { z } from 'zod';

const path = z.string().min(1).max(4_096);
const directory = path.startsWith('/', 'must be an absolute path');

const version = /^(?:auto|v?\d{1,4}\.\d{1,4}(?:[.+~-][\w.+~-]{0,64})?)$/;

/** Returns the schema of a runtime's version; `example` is the version that `auto` means without a cluster. */
function versionOf(runtime: string, example: string) {
  return z
    .union([z.string(), z.number()])
    .meta({ kind: 'version' })
    .transform(String)
    .pipe(z.string().regex(version, `must be "auto" or a version such as "${example}"`))
    .prefault('auto')
    .describe(
      `Version of ${runtime} on the nodes, on which some of its behaviour depends. \`auto\`: what the nodes report, without a cluster ${example}.`,
    );
}

const containerd = z.strictObject({
  configPath: path
    .exactOptional()
    .describe('Directory tree of `hosts.toml` files, or a colon-separated list, as containerd has it.'),
  configToml: path
    .exactOptional()
    .describe(
      'Legacy `config.toml` with `mirrors`, `configs` and `rewrite`; instead of `configPath`, which it may also name.',
    ),
  version: versionOf('containerd', '2.1'),
});

const k3s = z.strictObject({
  registriesYaml: path.describe('`registries.yaml` of k3s or RKE2.'),
  disableDefaultEndpoint: z
    .boolean()
    .default(false)
    .describe('The nodes run with `--disable-default-registry-endpoint`.'),
  embeddedRegistry: z
    .boolean()
    .default(false)
    .describe('The servers run with `--embedded-registry`, so each node asks itself first.'),
  version: versionOf('containerd', '2.1'),
});

const crio = z.strictObject({
  registriesConf: path.describe('`registries.conf` of CRI-O, Podman and skopeo, version 2.'),
  dropIns: path.exactOptional().describe('Directory of drop-ins, `registries.conf.d`.'),
  crioConf: path
    .exactOptional()
    .describe(
      '`crio.conf` of CRI-O, for `short_name_mode`; its drop-ins are read in `crio.conf.d` beside it.',
    ),
  version: versionOf('CRI-O', '1.35'),
});

const docker = z.strictObject({
  daemonJson: path.describe("dockerd's `daemon.json`."),
  certsDir: path.default('/etc/docker/certs.d').describe('Certificates per registry.'),
  containerdStore: z
    .boolean()
    .default(false)
    .describe(
      'dockerd keeps its images in containerd, which changes how mirrors are asked; `features` of daemon.json wins.',
    ),
  version: versionOf('dockerd', '28.0'),
});

const openshift = z.strictObject({
  mirrorSets: path
    .exactOptional()
    .describe('YAML of ImageDigestMirrorSets and ImageTagMirrorSets; in a cluster they are watched instead.'),
  version: versionOf('CRI-O', '1.35'),
});

const sources = {
  containerd: containerd.exactOptional().describe("containerd's own files."),
  k3s: k3s.exactOptional().describe('k3s and RKE2.'),
  crio: crio.exactOptional().describe('CRI-O and Podman.'),
  docker: docker.exactOptional().describe('Docker Engine.'),
  openshift: openshift.exactOptional().describe('OpenShift mirror sets.'),
};

/** Names of the sources in the configuration. */
export const sourceNames = Object.keys(sources) as readonly (keyof typeof sources)[];

const nodeGroup = z.strictObject({
  name: z.string().min(1).max(63).describe('Shown in warnings.'),
  nodeSelector: z
    .record(z.string().min(1).max(317), z.string().max(63))
    .describe('Labels that a node of this group has, all of them.'),
  ...sources,
});

export const mirrorsSchema = z.strictObject({
  ...sources,
  nodeGroups: z
    .array(nodeGroup)
    .max(64)
    .prefault([])
    .describe(
      'Groups of nodes whose mirrors differ, each with at most one source; the first that matches a node counts.',
    ),
  pathMap: z
    .record(directory, path)
    .default({})
    .describe(
      "Where files that the nodes' configuration names are found here, directory → directory: `/etc: /host/etc`.",
    ),
});

export type MirrorsConfiguration = z.output<typeof mirrorsSchema>;
/** One source of mirrors; at most one member is set. */
export type MirrorSource = Pick<MirrorsConfiguration, keyof typeof sources>;

/** Returns the sources of the configuration: that of nodes outside all groups, then that of each group. */
export function sourcesIn(section: MirrorsConfiguration): readonly MirrorSource[] {
  return [section, ...section.nodeGroups];
}
