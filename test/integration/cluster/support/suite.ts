/** Suites that need a real control plane. Where there is none and none can be built, they fail in CI, and elsewhere say so loudly. */
import { describe } from '@jest/globals';
import { binaries, NoControlPlane } from '../../../../hack/cluster/binaries.ts';

/** Long enough for a machine that does other things as well; a test that waits for less says so. */
export const patienceMs = 120_000;

export type Suite = (title: string, body: () => void) => void;

/** To be awaited at the top of a test file: a build of the control plane takes minutes. */
export async function clusterSuite(): Promise<Suite> {
  try {
    await binaries(['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']);
    return describe;
  } catch (error) {
    if (!(error instanceof NoControlPlane) || process.env['CI'] === 'true') throw error;
    const frame = '!'.repeat(110);
    process.stderr.write(
      `\n${frame}\nTHE TESTS AGAINST A REAL API SERVER CANNOT RUN HERE.\n${error.message}\n${frame}\n\n`,
    );
    return describe.skip;
  }
}
