/**
 * Command `pratique check`: reports what admission would decide about every pod and pod template in
 * manifests.
 */
import { standalone, type WorkloadCredentials } from '../../judge/cluster-context.ts';
import type { Judge } from '../../judge/judge.ts';
import type { Placement } from '../../judge/nodes/placement/static-placement.ts';
import { isOptedOut } from '../../judge/policy/opt-out.ts';
import { subjectOf } from '../../judge/subject.ts';
import { deadlineIn } from '../../util/async/deadline.ts';
import type { CheckFormat } from '../arguments/arguments.ts';
import { type Exit, exit, type Io } from '../io.ts';
import { runInOrder } from '../output/run-in-order.ts';
import type { ManifestFile } from './manifest-files.ts';
import type { CheckedWorkload } from './checked-workload.ts';
import { type Manifests, type ManifestWorkload, readManifests } from './manifests.ts';
import { reportNotes } from './report/notes.ts';
import { formatReport } from './report/format-report.ts';

export interface CheckDeps {
  readonly judge: Judge;
  readonly credentials: WorkloadCredentials;
  readonly placement: Placement;
}

export interface CheckOptions {
  readonly files: readonly ManifestFile[];
  readonly output: CheckFormat;
  readonly quiet: boolean;
}

// Time limit for each workload. No pod waits for this command, so slow registries get more time than at
// admission.
const timeoutMs = 30_000;

export async function check({ files, output, quiet }: CheckOptions, deps: CheckDeps, io: Io): Promise<Exit> {
  const manifests = readManifests(files, deps.judge.policies.kinds);
  const checked = await runInOrder(manifests.workloads, 'object', io.stderr, (workload) =>
    judgeWorkload(workload, manifests, deps, io.signal),
  );
  io.stdout.write(formatReport(output, { checked, problems: manifests.problems }, quiet, io.stdout));
  io.stderr.write(reportNotes(manifests, io.stderr));
  if (manifests.problems.length > 0) return exit.usage;
  return checked.some(({ judgement }) => judgement.decision === 'deny') ? exit.refused : exit.ok;
}

async function judgeWorkload(
  manifest: ManifestWorkload,
  { namespaceLabels }: Manifests,
  { judge, credentials, placement }: CheckDeps,
  cancel: AbortSignal,
): Promise<CheckedWorkload> {
  const whole = subjectOf(manifest.workload, 'default');
  const labels = namespaceLabels.get(whole.namespace) ?? {};
  const isSkipped = isOptedOut(whole, labels, judge.policies);
  const subject = isSkipped ? { ...whole, uses: [] } : whole;
  const { namespace } = subject;
  const podContext = standalone(credentials, placement(manifest.workload), labels);
  const deadline = deadlineIn(timeoutMs, cancel);
  const judgement = await judge.judge({ subject, podContext, deadline, purpose: 'interactive' });
  return { ...manifest, namespace, isSkipped, judgement };
}
