/** A sample of the differential between `pratique check` and Kubernetes' own decoder of manifests. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { compareManifests } from '../differential/manifests/compare.ts';
import { generateManifest } from '../differential/manifests/generate.ts';

const setup = fileURLToPath(new URL('../../hack/setup-manifest-decoder.sh', import.meta.url));

test('400 generated manifests are read as Kubernetes reads them', () => {
  const decoder = execFileSync(setup, { encoding: 'utf8' }).trim();
  const texts = Array.from({ length: 400 }, (_, index) => generateManifest(`sample ${index}`));
  const { readable, documents, differences } = compareManifests(texts, decoder);
  expect(differences).toEqual([]);
  expect(readable).toBeGreaterThan(150);
  expect(documents).toBeGreaterThan(400);
}, 300_000);
