/** `npm run real-node [-- --runtime 1.6|2 --only TEXT --write]`: the table of verdicts against what real nodes did; exit 1 on a difference that nobody has explained. */
import { fileURLToPath } from 'node:url';
import { missingForNodes } from '../kit/node/requirements.ts';
import { runInPrivateBox } from '../kit/node/private-box.ts';
import { prepareNodeTools } from '../kit/node/tools.ts';

const inside = fileURLToPath(new URL('inside.ts', import.meta.url));
const missing = missingForNodes();
if (missing.length > 0) {
  process.stderr.write(
    `REAL NODES DID NOT RUN: no verdict was compared with a node. This machine lacks:\n${missing.map((each) => `  ${each}\n`).join('')}`,
  );
  // CI that cannot see a node is broken; a person's machine may be of another kind.
  process.exitCode = process.env['CI'] === 'true' ? 1 : 0;
} else {
  process.exitCode = await runInPrivateBox(inside, [
    JSON.stringify(prepareNodeTools()),
    ...process.argv.slice(2),
  ]);
}
