import { expect, test } from '@jest/globals';
import { nodeIdentity } from '../../../../src/resolve/credentials/node-identity.ts';
import { credentialsSchema } from '../../../../src/resolve/credentials/schema.ts';
import { parseReference } from '../../../../src/resolve/reference/parse.ts';

const globs = credentialsSchema.parse({}).nodeIdentity;
const nginx = parseReference('nginx');

test.each([
  ['1234.dkr.ecr.eu-central-1.amazonaws.com', true],
  ['corp.azurecr.io', true],
  ['europe-docker.pkg.dev', true],
  ['gcr.io', true],
  ['eu.gcr.io', true],
  ['public.ecr.aws', false],
  ['registry-1.docker.io', false],
  ['gcr.io.evil.example', false],
])('%s is for the nodes only: %s', (host, wanted) => {
  expect(nodeIdentity(globs, null)(host, nginx)).toBe(wanted);
});

test('not for an image that a provider gives credentials for', () => {
  const providers = {
    covers: (image: string) => image === 'gcr.io/p/app',
    entries: () => Promise.resolve([]),
  };
  const isNodeOnly = nodeIdentity(globs, providers);
  expect(isNodeOnly('gcr.io', parseReference('gcr.io/p/app:1'))).toBe(false);
  expect(isNodeOnly('gcr.io', parseReference('gcr.io/p/other:1'))).toBe(true);
});
