/** What a real node needs of the machine: root, and what the kernel offers. Packages are not looked at here: hack/setup-node.sh installs them. */
import { existsSync, readFileSync } from 'node:fs';

/** Everything that is missing, in words; empty where a node can run. */
export function missingForNodes(): readonly string[] {
  const filesystems = readFileSync('/proc/filesystems', 'utf8');
  const wanted: readonly (readonly [boolean, string])[] = [
    [process.platform === 'linux', 'Linux'],
    [process.getuid?.() === 0, 'root: namespaces, mounts and network interfaces are made'],
    [/\boverlay$/m.test(filesystems), 'overlayfs in the kernel'],
    [existsSync('/proc/self/ns/cgroup'), 'control group namespaces in the kernel'],
    [existsSync('/sys/fs/cgroup/memory/cgroup.procs'), 'control groups of version 1, mounted'],
  ];
  return wanted.flatMap(([isThere, words]) => (isThere ? [] : [words]));
}
