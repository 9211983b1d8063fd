/** skopeo as the owner of `registries.conf`: the same library that CRI-O and Podman pull with. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../kit/registries/images.ts';
import type { Outcome } from '../observation.ts';
import type { Owner, Question } from './owner.ts';
import { lastLine, run } from './process.ts';

export async function skopeo(): Promise<Owner> {
  const version = lastLine((await run('skopeo', ['--version'])).stdout.toString()).replace(
    /^skopeo version /,
    '',
  );
  const name = `skopeo ${version} (Debian)`;
  return { program: 'skopeo', name, format: 'registries.conf', version: null, ask: inspect };
}

async function inspect(question: Question): Promise<Outcome> {
  const { folder, image } = question;
  const authfile = join(folder, 'auth.json');
  await writeFile(authfile, '{}');
  const conf = ['--registries-conf', join(folder, 'registries.conf')];
  const args = [...conf, 'inspect', '--raw', '--authfile', authfile, `docker://${image}`];
  const { ok, hung, stdout, stderr } = await run('skopeo', args, question);
  return { digest: ok ? sha256(stdout) : null, hung, words: lastLine(stderr) };
}
