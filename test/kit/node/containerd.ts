/** Configuration of the containerd of a node, by its major version. */
import { stringify } from 'smol-toml';

export interface ContainerdOptions {
  /** Folder of its content and snapshots. */
  readonly root: string;
  /** Tree of hosts.toml files. */
  readonly configPath: string;
  /** Folder of CNI's configuration. */
  readonly cni: string;
  /** Image of the sandboxes. */
  readonly sandboxImage: string;
}

export const containerdSocket = '/run/containerd/containerd.sock';
const pluginFolder = '/usr/lib/cni';

/**
 * The machine's root may lack CAP_SYS_RESOURCE, without which nothing can lower its oom_score_adj, and runc dies of the
 * attempt ("can't get final child's PID"): `restrict_oom_score_adj`.
 */
export function containerd1Config({ root, configPath, cni, sandboxImage }: ContainerdOptions): string {
  return stringify({
    version: 2,
    ...common(root),
    plugins: {
      'io.containerd.grpc.v1.cri': {
        sandbox_image: sandboxImage,
        restrict_oom_score_adj: true,
        cni: { bin_dir: pluginFolder, conf_dir: cni },
        registry: { config_path: configPath },
      },
    },
  });
}

export function containerd2Config({ root, configPath, cni, sandboxImage }: ContainerdOptions): string {
  return stringify({
    version: 3,
    ...common(root),
    plugins: {
      'io.containerd.cri.v1.images': {
        snapshotter: 'overlayfs',
        pinned_images: { sandbox: sandboxImage },
        registry: { config_path: configPath },
      },
      'io.containerd.cri.v1.runtime': {
        restrict_oom_score_adj: true,
        cni: { bin_dirs: [pluginFolder], conf_dir: cni },
      },
    },
  });
}

function common(root: string): object {
  return {
    root,
    state: '/run/containerd/state',
    // It makes /opt/containerd on the machine.
    disabled_plugins: ['io.containerd.internal.v1.opt'],
    grpc: { address: containerdSocket },
  };
}
