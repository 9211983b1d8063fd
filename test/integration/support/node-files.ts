/** The files of one node in a folder of their own: its `certs.d` tree and Pratique's configuration beside it. */
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';

/** Where a node pulls the images of one registry from: base URLs. */
export interface Hosts {
  readonly server: string;
  /** Asked before the server, in this order. */
  readonly mirrors?: readonly string[];
}

/** Sections of the configuration, as they are written. */
export type Sections = Readonly<Record<string, unknown>>;

export interface NodeFiles extends AsyncDisposable {
  readonly folder: string;
  /** Path of Pratique's configuration. */
  readonly configuration: string;
  /** Absolute path of `name`, which appears whole, as careful editors and Kubernetes' volumes do it. */
  write(name: string, text: string): Promise<string>;
  /** Replaces the `hosts.toml` of `registry`. */
  hosts(registry: string, hosts: Hosts): Promise<void>;
  /** Replaces the configuration. */
  configure(sections: Sections): Promise<void>;
}

/** Both listeners on free ports of the loopback address. */
export const listeners = {
  webhook: { listen: '127.0.0.1:0' },
  metrics: { listen: '127.0.0.1:0' },
} as const;

/** `hosts` by the registry that images name. `sections` come on top of the mirrors and the listeners. */
export async function nodeFiles(
  hosts: Readonly<Record<string, Hosts>> = {},
  sections: Sections = {},
): Promise<NodeFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'pratique-node-'));
  const write = async (name: string, text: string) => {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
    return path;
  };
  const node: NodeFiles = {
    folder,
    configuration: join(folder, 'pratique.yaml'),
    write,
    async hosts(registry, hosts) {
      await write(`certs.d/${registry}/hosts.toml`, hostsToml(hosts));
    },
    async configure(sections) {
      await write('pratique.yaml', stringify(configurationOf(sections)));
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
  await mkdir(join(folder, 'certs.d'));
  for (const [registry, each] of Object.entries(hosts)) await node.hosts(registry, each);
  await node.configure(sections);
  return node;
}

function configurationOf(sections: Sections): Sections {
  return {
    apiVersion: 'pratique.dev/v1alpha1',
    kind: 'Configuration',
    mirrors: { containerd: { configPath: 'certs.d' } },
    server: listeners,
    ...sections,
  };
}

function hostsToml({ server, mirrors = [] }: Hosts): string {
  const tables = mirrors.map((mirror) => `[host."${mirror}"]\n  capabilities = ["pull", "resolve"]\n`);
  return [`server = "${server}"\n`, ...tables].join('\n');
}
