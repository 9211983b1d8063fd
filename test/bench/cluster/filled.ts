/** A large cluster as an etcd data folder: filled once through a real API server, which takes minutes, and kept outside the work tree. */
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { startControlPlane } from '../../kit/cluster/control-plane/control-plane.ts';
import { all, type Caller, caller } from './api.ts';
import { namespaceOf, node, pod, podName, podStatus, type Size } from './objects.ts';

/** The host in image names; the mirror configuration says where it is. */
export const registryHost = 'registry.bench.test';
/** Pratique's own namespace, made beforehand: without controllers nobody makes its service account. */
const own = 'pratique-system';

export async function filledCluster(size: Size, digestOf: (image: number) => string): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'pratique', 'bench', `cluster-1-${Object.values(size).join('-')}`);
  if ((await stat(folder).catch(() => null)) !== null) return folder;
  console.log('filling it (once; some minutes)');
  const plane = await startControlPlane({ controllers: false });
  const api = await caller(plane.kubeconfig);
  try {
    await fill(api, size, digestOf);
  } finally {
    api.close();
    await plane.stop({ keep: true });
  }
  await mkdir(dirname(folder), { recursive: true });
  // Under another name first, and by copying: the two may be on different file systems.
  await cp(plane.etcdData, `${folder}.new`, { recursive: true });
  await rename(`${folder}.new`, folder);
  await rm(plane.folder, { recursive: true });
  return folder;
}

async function fill({ call }: Caller, size: Size, digestOf: (image: number) => string): Promise<void> {
  const podsOf = (index: number) => `/api/v1/namespaces/${namespaceOf(index, size)}/pods`;
  const namespaces = [
    own,
    ...Array.from({ length: size.namespaces }, (_, index) => namespaceOf(index, size)),
  ];
  await all(namespaces.length, (index) =>
    call('POST', '/api/v1/namespaces', { metadata: { name: namespaces[index] } }),
  );
  await call('POST', `/api/v1/namespaces/${own}/serviceaccounts`, { metadata: { name: 'default' } });
  await all(size.nodes, (index) => call('POST', '/api/v1/nodes', node(index)));
  await all(size.pods, (index) => call('POST', podsOf(index), pod(index, size, registryHost)));
  await all(size.pods, (index) =>
    call(
      'PATCH',
      `${podsOf(index)}/${podName(index, size)}/status`,
      podStatus(index, size, registryHost, digestOf),
    ),
  );
}
