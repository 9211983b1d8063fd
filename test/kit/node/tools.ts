/** The programs and the image that a real cluster is made of, as hack/setup-node.sh brings them. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface NodeTools {
  /** Folder of etcd and the API server. */
  readonly controlplane: string;
  /** Folder of kubelet and kube-proxy. */
  readonly kubelet: string;
  /** Folder of the newest containerd, its shim and `ctr`. */
  readonly containerd: string;
  /** OCI archive of Pratique's image. */
  readonly image: string;
}

const setup = fileURLToPath(new URL('../../../hack/setup-node.sh', import.meta.url));

/** Builds what is missing, which takes minutes and the network, and tells so on stderr. */
export function prepareNodeTools(): NodeTools {
  const { status, stdout } = spawnSync(setup, { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
  if (status !== 0) throw new Error('hack/setup-node.sh could not bring what a real node is made of');
  const paths = new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  );
  const path = (name: string) => {
    const found = paths.get(name);
    if (found === undefined) throw new Error(`hack/setup-node.sh names no ${name}`);
    return found;
  };
  return {
    controlplane: path('controlplane'),
    kubelet: path('kubelet'),
    containerd: path('containerd'),
    image: path('image'),
  };
}
