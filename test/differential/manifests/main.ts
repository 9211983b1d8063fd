/** `npm run differential:manifests [-- --seed S --files N]`: compares `pratique check` with Kubernetes' decoder; exit 1 on a difference. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compareManifests } from './compare.ts';
import { generateManifest } from './generate.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, files: { type: 'string', default: '1600' } },
});
const setup = fileURLToPath(new URL('../../../hack/setup-manifest-decoder.sh', import.meta.url));
const decoder = execFileSync(setup, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
const texts = Array.from({ length: Number(values.files) }, (_, index) =>
  generateManifest(`${values.seed} ${index}`),
);
const { files, readable, documents, trailing, tabs, differences } = compareManifests(texts, decoder);
for (const { text, theirs, theirError, ours, ourProblems } of differences) {
  console.log(`---- differs\n${text}`);
  console.log(JSON.stringify({ theirs, theirError, ours, ourProblems }, null, 2));
}
console.log(
  `seed ${values.seed}: ${files} files, ${readable} read to the end by Kubernetes, ${documents} documents; ` +
    `explained: ${trailing} text behind a document, ${tabs} tab before a comment; ${differences.length} differences`,
);
process.exitCode = differences.length > 0 ? 1 : 0;
