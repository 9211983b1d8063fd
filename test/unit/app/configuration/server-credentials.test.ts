import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { loadServerCredentials } from '../../../../src/app/configuration/server-credentials.ts';
import { RecordedFiles } from '../../../../src/config/files.ts';
import { ConfigurationError } from '../../../../src/config/problem.ts';
import { credentialsSchema } from '../../../../src/resolve/credentials/schema.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pratique-credentials-'));
});
afterEach(() => rm(folder, { recursive: true }));

const entry = { auth: Buffer.from('node:s3cret').toString('base64') };

async function nodeEntries(content: unknown) {
  await writeFile(join(folder, 'node'), typeof content === 'string' ? content : JSON.stringify(content));
  return loadServerCredentials(credentialsSchema.parse({ nodeDockerConfig: 'node' }), {
    files: new RecordedFiles(folder),
    environment: {},
    providerFailed: () => {},
  }).nodeDockerConfig;
}

describe('credentials.nodeDockerConfig', () => {
  test.each<[string, object]>([
    ['config.json', { auths: { 'corp.test': entry }, credsStore: 'desktop' }],
    ['.dockercfg', { 'corp.test': entry }],
  ])('reads a file in the format of %s', async (_form, content) => {
    expect(await nodeEntries(content)).toMatchObject([
      ['corp.test', { username: 'node', password: 's3cret' }],
    ]);
  });

  test.each<[string, unknown, string]>([
    ['invalid JSON', '{"auths": s3cret', 'not JSON'],
    ['an invalid entry', { auths: { 'corp.test': { auth: 's3cret!' } } }, 'cannot be read: corp.test'],
    ['an invalid entry at the top level', { 'corp.test': 's3cret' }, 'cannot be read: corp.test'],
  ])('rejects %s with a message that contains none of its content', async (_title, content, words) => {
    const error = await nodeEntries(content).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigurationError);
    const [problem] = (error as ConfigurationError).problems;
    expect(problem).toMatchObject({ path: 'credentials.nodeDockerConfig', file: 'node' });
    expect(problem?.message).toContain(words);
    expect(problem?.message).not.toContain('s3cret');
  });
});
