/** The chart as manifests. Not for installing it by Helm: there is no kubelet that would run its pods. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { type KubernetesObject, parseObjects } from './nodes/objects.ts';

const run = promisify(execFile);
const setup = fileURLToPath(new URL('../../../hack/setup-helm.sh', import.meta.url));
const chart = fileURLToPath(new URL('../../../charts/pratique', import.meta.url));

export interface Rendering {
  /** The value of `helm install --namespace`. */
  readonly namespace: string;
  readonly values?: object;
}

/** @throws what Helm said when it refuses the values */
export async function render({ namespace, values = {} }: Rendering): Promise<readonly KubernetesObject[]> {
  const helm = (await run(setup, ['helm'])).stdout.trim();
  const folder = await mkdtemp(join(tmpdir(), 'pratique-values-'));
  try {
    const file = join(folder, 'values.yaml');
    await writeFile(file, stringify(values));
    const args = [
      'template',
      'pratique',
      chart,
      '--namespace',
      namespace,
      '--include-crds',
      '--values',
      file,
    ];
    return parseObjects((await run(helm, args, { maxBuffer: 16 * 2 ** 20 })).stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
