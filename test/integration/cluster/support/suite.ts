/** Suites that need a real control plane. Where there is none and none can be built, they fail in CI, and elsewhere say so loudly. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type * as globals from '@jest/globals';
import { describe, test } from '@jest/globals';
import { binaries, NoControlPlane } from '../../../kit/cluster/control-plane/binaries.ts';

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
    // Skipped because there is no API server to run against. The frame above says so, and CI fails instead.
    return describe.skip;
  }
}

/** The API server's minor version: 36 of 1.36.3. Where there is none, no test runs, and any will do. */
export async function minorVersion(): Promise<number> {
  try {
    const { 'kube-apiserver': program } = await binaries(['kube-apiserver']);
    const { stdout } = await promisify(execFile)(program, ['--version']);
    return Number(/v1\.(\d+)/.exec(stdout)?.[1]);
  } catch (error) {
    if (error instanceof NoControlPlane) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

/** `test` where the API server is at least 1.`minor`; else the test is not one of the suite's, and that is said. */
export async function since(
  minor: number,
): Promise<(title: string, body: () => Promise<void>, timeoutMs?: number) => void> {
  const actual = await minorVersion();
  if (actual >= minor) return (title, body, timeoutMs) => test(title, body, timeoutMs);
  return (title) => void process.stderr.write(`Kubernetes 1.${actual} is too old for: ${title}\n`);
}

/** The same for files whose tests stand beside each other: both words of jest's. */
export async function clusterTests(): Promise<Pick<typeof globals, 'describe' | 'test'>> {
  const suite = await clusterSuite();
  // Skipped only where `clusterSuite` has said why. The casts are needed because the types of `skip` lack `each`.
  return suite === describe
    ? { describe, test }
    : { describe: describe.skip as never, test: test.skip as never };
}
