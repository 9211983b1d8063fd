/** `make node`: a real cluster in namespaces of its own, with Pratique's pods on its nodes, until Ctrl-C. */
import { fileURLToPath } from 'node:url';
import { runInPrivateBox } from '../../test/kit/node/private-box.ts';
import { missingForNodes } from '../../test/kit/node/requirements.ts';
import { prepareNodeTools } from '../../test/kit/node/tools.ts';

const missing = missingForNodes();
if (missing.length > 0) {
  process.stderr.write(
    `A real node cannot run here. This machine lacks:\n${missing.map((each) => `  ${each}\n`).join('')}`,
  );
  process.exitCode = 1;
} else {
  const inside = fileURLToPath(new URL('inside.ts', import.meta.url));
  process.exitCode = await runInPrivateBox(inside, [JSON.stringify(prepareNodeTools())]);
}
