/** The provenance of a release: an in-toto statement with a SLSA v1 predicate over the files in checksums.txt. https://slsa.dev/spec/v1.0/provenance */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder = '.', commit = 'unknown', tag = ''] = process.argv.slice(2);
const subject = readFileSync(join(folder, 'checksums.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => {
    const [sha256 = '', name = ''] = line.split(/\s+/);
    return { name, digest: { sha256 } };
  });
const statement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject,
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: {
    buildDefinition: {
      buildType: 'https://pratique.dev/release/v1',
      externalParameters: { tag },
      resolvedDependencies: [{ uri: 'git+https://pratique.dev/pratique', digest: { gitCommit: commit } }],
    },
    runDetails: { builder: { id: 'hack/release.sh' } },
  },
};
process.stdout.write(`${JSON.stringify(statement, null, 2)}\n`);
