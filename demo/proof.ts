/** Proof of a pin: one of the demo's registries serves content with exactly that digest, hashed here and not by Pratique. */
import { sha256 } from '../test/kit/registries/images.ts';
import type { Scenario } from './scenario.ts';

export interface Proof {
  readonly image: string;
  readonly proved: boolean;
  /** Base URL of the registry that has it. */
  readonly where: string | null;
}

export async function proveDigest(image: string, { mirror, upstream }: Scenario): Promise<Proof> {
  const [name = '', digest = ''] = image.split('@');
  const path = name.replace(/:[^/]*$/, '');
  const repository = path.includes('/') ? path : `library/${path}`;
  for (const { url } of [mirror, upstream]) {
    const answer = await fetch(`${url}/v2/${repository}/manifests/${digest}`).catch(() => null);
    if (answer?.ok !== true) continue;
    if (sha256(Buffer.from(await answer.arrayBuffer())) === digest) {
      return { image, proved: true, where: url };
    }
  }
  return { image, proved: false, where: null };
}
