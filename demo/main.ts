/** `make demo`: two registries, one Pratique, a handful of telling pods. Says what was decided and proves every pin. */
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { applyPatch, review } from '../test/kit/pratique/admission-client.ts';
import { movedMetrics, readMetrics } from '../test/kit/pratique/metrics.ts';
import { type Act, acts, withoutMirror } from './pods.ts';
import { type Pratique, startPratique } from './pratique.ts';
import { proveDigest } from './proof.ts';
import { type Scene, setScene } from './scenario.ts';
import * as show from './print.ts';

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const scene = await setScene();
let pratique: Pratique | null = null;
try {
  pratique = await startPratique(scene.configuration);
  const surprises = await play(scene, pratique);
  if (values.keep) await keep(scene, pratique);
  process.exitCode = surprises === 0 ? 0 : 1;
} finally {
  await pratique?.stop();
  await scene.upstream.registry.stop();
  await scene.mirror.registry.stop();
  await rm(scene.folder, { recursive: true, force: true });
}

/** The whole story; gives the number of answers that were not the expected ones. */
async function play(scene: Scene, pratique: Pratique): Promise<number> {
  show.opening(scene);
  const before = await readMetrics(pratique.metricsUrl);
  let surprises = 0;
  for (const act of acts) surprises += await perform(act, scene, pratique);
  show.intermission();
  await scene.mirror.registry.stop();
  // Tags are believed for a second here, for a minute by default: let them age.
  await sleep(1_100);
  for (const act of withoutMirror) surprises += await perform(act, scene, pratique);
  show.metrics(movedMetrics(before, await readMetrics(pratique.metricsUrl)));
  show.ending(surprises, acts.length + withoutMirror.length);
  return surprises;
}

/** As the API server does it: mutate, apply the patch, validate what came out. Gives 1 for a surprise, else 0. */
async function perform({ title, pod, allowed }: Act, scene: Scene, pratique: Pratique): Promise<number> {
  const logs = [scene.mirror, scene.upstream].map(({ registry, url }) => ({
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
    mutation.patch.flatMap(({ value }) => (isPinned(value) ? [proveDigest(value, scene)] : [])),
  );
  const asExpected =
    verdict.allowed === allowed &&
    again.patch.length === 0 &&
    proofs.every(({ proved }) => proved) &&
    (proofs.length > 0 || !allowed);
  show.act({ title, pod, mutation, verdict, asked, proofs, names: scene, asExpected });
  return asExpected ? 0 : 1;
}

function isPinned(value: unknown): value is string {
  return typeof value === 'string' && value.includes('@sha256:') && !value.startsWith('{');
}

/** Leaves everything up until the person has seen enough. */
async function keep(scene: Scene, pratique: Pratique): Promise<void> {
  show.keeping(scene, pratique);
  await new Promise((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
}
