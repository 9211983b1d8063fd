/** `make cluster`: a real API server with Pratique installed, until Ctrl-C. `--play` (`make demo CLUSTER=1`) runs the demo on it first; then it keeps running only with `--keep`. */
import { parseArgs } from 'node:util';
import { NoControlPlane } from '../../test/kit/cluster/control-plane/binaries.ts';
import { runDemoScript } from './demo-script.ts';
import { startDemoCluster } from './demo-cluster.ts';
import * as print from './print.ts';

const { values } = parseArgs({
  options: { play: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false } },
});
try {
  await using demo = await startDemoCluster();
  print.opening(demo);
  if (values.play) {
    const unexpected = await runDemoScript(demo);
    print.ending(unexpected);
    process.exitCode = unexpected === 0 ? 0 : 1;
  }
  if (!values.play || values.keep) {
    print.nextCommands(demo);
    await interrupted();
    print.stopping();
  }
} catch (error) {
  if (!(error instanceof NoControlPlane)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/** Resolves on SIGINT or SIGTERM. Until it is called, Ctrl-C ends the process at once. */
function interrupted(): Promise<unknown> {
  return new Promise((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
}
