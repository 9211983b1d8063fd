/** `make cluster`: a real API server with Pratique at its door, until Ctrl-C. With `--play` (`make demo CLUSTER=1`) the demo plays on it first; it stays on only with `--keep`. */
import { parseArgs } from 'node:util';
import { NoControlPlane } from '../../test/kit/cluster/control-plane/binaries.ts';
import { play } from './demo-script.ts';
import { setStage } from './harness.ts';
import * as tell from './print.ts';

const { values } = parseArgs({
  options: { play: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false } },
});
try {
  await using stage = await setStage();
  tell.opening(stage);
  if (values.play) {
    const surprises = await play(stage);
    tell.ending(surprises);
    process.exitCode = surprises === 0 ? 0 : 1;
  }
  if (!values.play || values.keep) {
    tell.lines(stage);
    await interrupted();
    tell.stopping();
  }
} catch (error) {
  if (!(error instanceof NoControlPlane)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/** Before, Ctrl-C ends everything at once. */
function interrupted(): Promise<unknown> {
  return new Promise((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
}
