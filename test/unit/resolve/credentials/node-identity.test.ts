import { expect, test } from '@jest/globals';
import { nodeIdentity } from '../../../../src/resolve/credentials/node-identity.ts';
import { credentialsSchema } from '../../../../src/resolve/credentials/schema.ts';

const globs = credentialsSchema.parse({}).nodeIdentity;

test.each([
  ['1234.dkr.ecr.eu-central-1.amazonaws.com', true],
  ['corp.azurecr.io', true],
  ['europe-docker.pkg.dev', true],
  ['gcr.io', true],
  ['eu.gcr.io', true],
  ['public.ecr.aws', false],
  ['registry-1.docker.io', false],
  ['gcr.io.evil.example', false],
])('nodes log in to %s with their identity: %s', (host, wanted) => {
  expect(nodeIdentity(globs)(host)).toBe(wanted);
});
