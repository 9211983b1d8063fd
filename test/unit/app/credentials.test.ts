import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { serverCredentials } from '../../../src/app/credentials.ts';
import { RecordedFiles } from '../../../src/config/files.ts';
import { ConfigurationError } from '../../../src/config/problem.ts';
import { credentialsSchema } from '../../../src/resolve/credentials/schema.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pratique-credentials-'));
});
afterEach(() => rm(folder, { recursive: true }));

const entry = { auth: Buffer.from('node:s3cret').toString('base64') };

async function nodeEntries(content: unknown) {
  await writeFile(join(folder, 'node'), typeof content === 'string' ? content : JSON.stringify(content));
  return serverCredentials(credentialsSchema.parse({ nodeDockerConfig: 'node' }), {
    files: new RecordedFiles(folder),
    environment: {},
    providerFailed: () => {},
  }).nodeDockerConfig;
}

describe("the kubelet's own docker config", () => {
  test.each<[string, object]>([
    ['config.json', { auths: { 'corp.test': entry }, credsStore: 'desktop' }],
    ['.dockercfg', { 'corp.test': entry }],
  ])('may be a %s', async (_form, content) => {
    expect(await nodeEntries(content)).toMatchObject([
      ['corp.test', { username: 'node', password: 's3cret' }],
    ]);
  });

  test.each<[string, unknown, string]>([
    ['no JSON', '{"auths": s3cret', 'not JSON'],
    ['an entry that is none', { auths: { 'corp.test': { auth: 's3cret!' } } }, 'cannot be read: corp.test'],
    ['an entry that is none at the top', { 'corp.test': 's3cret' }, 'cannot be read: corp.test'],
  ])('%s is refused, and nothing of it is told', async (_title, content, words) => {
    const refused = await nodeEntries(content).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ConfigurationError);
    const [problem] = (refused as ConfigurationError).problems;
    expect(problem).toMatchObject({ path: 'credentials.nodeDockerConfig', file: 'node' });
    expect(problem?.message).toContain(words);
    expect(problem?.message).not.toContain('s3cret');
  });
});
