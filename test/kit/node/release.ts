/** Pratique in a real cluster: its own image, its own chart, its pods on the nodes. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { kubectl } from '../cluster/kubectl.ts';
import { infrastructureHost, type RealCluster } from './real-cluster.ts';

const execute = promisify(execFile);
const setup = fileURLToPath(new URL('../../../hack/setup-helm.sh', import.meta.url));
const chart = fileURLToPath(new URL('../../../charts/pratique', import.meta.url));

export const releaseNamespace = 'pratique-system';

export interface Release {
  /** `helm` with the release's namespace; gives what it printed. */
  helm(...args: readonly string[]): Promise<string>;
  /** Installs, or upgrades to, values beside the usual ones; waits until all pods are ready. */
  apply(values?: object): Promise<void>;
}

/** Pratique reads the mirror list of every node from the node itself. */
export async function releaseOf({ control, nodes, folder }: RealCluster): Promise<Release> {
  const program = (await execute(setup, ['helm'])).stdout.trim();
  const environment = { ...process.env, HOME: folder, KUBECONFIG: control.kubeconfig };
  const helm = async (...args: readonly string[]) => {
    const all = [...args, '--namespace', releaseNamespace];
    return (await execute(program, all, { env: environment, maxBuffer: 16 * 2 ** 20 })).stdout;
  };
  const usual = {
    image: { repository: `${infrastructureHost}/pratique`, tag: 'test' },
    nodeConfig: nodes.map(({ name, certificates }) => ({ name, hostPath: certificates })),
    config: {
      mirrors: {
        nodeGroups: nodes.map(({ name }) => ({
          name,
          nodeSelector: { 'kubernetes.io/hostname': name },
          containerd: { configPath: `/etc/pratique/nodes/${name}` },
        })),
      },
    },
  };
  return {
    helm,
    async apply(values = {}) {
      const files = [join(folder, 'values.yaml'), join(folder, 'more-values.yaml')] as const;
      // JSON: Helm reads an unquoted off as false.
      await writeFile(files[0], JSON.stringify(usual));
      await writeFile(files[1], JSON.stringify(values));
      const flags = [
        '--create-namespace',
        '--values',
        files[0],
        '--values',
        files[1],
        '--wait',
        '--timeout',
        '60s',
      ];
      try {
        await helm('upgrade', '--install', 'pratique', chart, ...flags);
      } catch (cause) {
        throw new Error(await whyNotReady(control.kubeconfig), { cause });
      }
    },
  };
}

/** What a person would look at. */
async function whyNotReady(kubeconfig: string): Promise<string> {
  const commands = [
    ['get', 'pods', '--output=wide'],
    ['get', 'events'],
    ['logs', '--selector=app.kubernetes.io/name=pratique', '--tail=20'],
  ];
  const said = await Promise.all(
    commands.map((command) => kubectl(kubeconfig, [...command, '--namespace', releaseNamespace])),
  );
  return ['the pods of Pratique are not ready:', ...said.map(({ stdout, stderr }) => stdout + stderr)].join(
    '\n',
  );
}
