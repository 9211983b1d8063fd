/** `make demo`: two registries, one Pratique, ten pods. Prints every decision and proves every pin; exits 1 if one differs from what is expected. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { admissionReview, applyPatch, review } from '../test/kit/pratique/admission-client.ts';
import { movedMetrics, readMetrics } from '../test/kit/pratique/metrics.ts';
import { type DemoPod, demoPods, keptPod, podsWithoutMirror } from './pods.ts';
import { type Pratique, startPratique } from './pratique.ts';
import { proveDigest } from './proof.ts';
import { type Scenario, startScenario } from './scenario.ts';
import * as print from './print.ts';

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const scenario = await startScenario();
let pratique: Pratique | null = null;
try {
  pratique = await startPratique(scenario.configuration);
  const unexpected = await run(scenario, pratique);
  if (values.keep) await keep(scenario, pratique);
  process.exitCode = unexpected === 0 ? 0 : 1;
} finally {
  await pratique?.stop();
  await scenario.upstream.registry.stop();
  await scenario.mirror.registry.stop();
  await rm(scenario.folder, { recursive: true, force: true });
}

/** Submits every pod, with the mirror and without it; returns the number of unexpected answers. */
async function run(scenario: Scenario, pratique: Pratique): Promise<number> {
  print.opening(scenario);
  const before = await readMetrics(pratique.metricsUrl);
  let unexpected = 0;
  for (const pod of demoPods) unexpected += await submitPod(pod, scenario, pratique);
  print.mirrorStopped();
  await scenario.mirror.registry.stop();
  // cache.tagTTL is one second here: the answers of before must be stale.
  await sleep(1_100);
  for (const pod of podsWithoutMirror) unexpected += await submitPod(pod, scenario, pratique);
  print.metrics(movedMetrics(before, await readMetrics(pratique.metricsUrl)));
  print.ending(unexpected, demoPods.length + podsWithoutMirror.length);
  return unexpected;
}

/** Does what the API server does: mutate, apply the patch, validate the result. Returns 1 if an answer is unexpected, else 0. */
async function submitPod(
  { title, pod, allowed }: DemoPod,
  scenario: Scenario,
  pratique: Pratique,
): Promise<number> {
  const logs = [scenario.mirror, scenario.upstream].map(({ registry, url }) => ({
    url,
    registry,
    from: registry.log.length,
  }));
  const mutation = await review(pratique, '/mutate', pod);
  const pinned = applyPatch(pod, mutation.patch);
  const verdict = await review(pratique, '/validate', pinned);
  const asked = logs.flatMap(({ url, registry, from }) =>
    registry.log.slice(from).map((access) => ({ ...access, registry: url })),
  );
  const again = await review(pratique, '/mutate', pinned);
  const proofs = await Promise.all(
    mutation.patch.flatMap(({ value }) => (isPinned(value) ? [proveDigest(value, scenario)] : [])),
  );
  const asExpected =
    verdict.allowed === allowed &&
    again.patch.length === 0 &&
    proofs.every(({ proved }) => proved) &&
    (proofs.length > 0 || !allowed);
  print.podReport({ title, pod, mutation, verdict, asked, proofs, scenario: scenario, asExpected });
  return asExpected ? 0 : 1;
}

function isPinned(value: unknown): value is string {
  return typeof value === 'string' && value.includes('@sha256:') && !value.startsWith('{');
}

/** Restarts the mirror, writes a review to send, and runs until SIGINT or SIGTERM. */
async function keep(scenario: Scenario, pratique: Pratique): Promise<void> {
  const { registry, url } = scenario.mirror;
  await registry.start(Number(new URL(url).port));
  const reviewFile = join(scenario.folder, 'review.json');
  await writeFile(reviewFile, JSON.stringify(admissionReview(keptPod), null, 2));
  print.keepRunning(scenario, pratique, reviewFile);
  await new Promise((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
}
