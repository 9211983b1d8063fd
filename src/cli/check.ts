/** `pratique check`: what admission would say and do for every pod and pod template in manifests. */
import type { Judge } from '../judge/judge.ts';
import type { Judgement } from '../judge/judgement.ts';
import type { Placement } from '../judge/nodes/placement/static-placement.ts';
import { isOptedOut, skipLabel } from '../judge/policy/opt-out.ts';
import { subjectOf } from '../judge/subject.ts';
import { standalone, type WorkloadCredentials } from '../judge/cluster-context.ts';
import type { Decision, ImageVerdict } from '../judge/results.ts';
import { deadlineIn } from '../util/async/deadline.ts';
import { clean, cleanQuoted } from '../util/text/text.ts';
import type { Format } from './arguments.ts';
import { inOrder } from './at-once.ts';
import { type Exit, exit, type Io, type Output } from './io.ts';
import { jsonText } from './json.ts';
import { type ManifestDocument, type ManifestFile, readManifests } from './manifests.ts';
import { type Cell, indented, paint, type Tone, table } from './table.ts';

export interface CheckTools {
  readonly judge: Judge;
  readonly credentials: WorkloadCredentials;
  readonly placement: Placement;
}

interface Checked extends ManifestDocument {
  readonly namespace: string;
  /** It asks not to be judged. */
  readonly isSkipped: boolean;
  readonly judgement: Judgement;
}

// Nobody's pod waits here: longer than at admission, so that a slow registry is asked to the end.
const timeoutMs = 30_000;

export async function check(
  { files, output }: { readonly files: readonly ManifestFile[]; readonly output: Format },
  tools: CheckTools,
  io: Io,
): Promise<Exit> {
  const { workloads, namespaceLabels } = readManifests(files);
  if (workloads.length === 0) io.stderr.write('no pods or pod templates in these manifests\n');
  const checked = await inOrder(workloads, 'object', io.stderr, async (manifest): Promise<Checked> => {
    const whole = subjectOf(manifest.workload, 'default');
    const labels = namespaceLabels.get(whole.namespace) ?? {};
    const isSkipped = isOptedOut(whole, labels, tools.judge.policies);
    const subject = isSkipped ? { ...whole, uses: [] } : whole;
    const judgement = await tools.judge.judge({
      subject,
      podContext: standalone(tools.credentials, tools.placement(manifest.workload), labels),
      deadline: deadlineIn(timeoutMs, io.signal),
      purpose: 'interactive',
    });
    return { ...manifest, namespace: subject.namespace, isSkipped, judgement };
  });
  if (output === 'json') io.stdout.write(jsonText(checked.map(json)));
  else io.stdout.write(checked.map((each) => text(each, io.stdout)).join('\n'));
  return checked.some(({ judgement }) => judgement.decision === 'deny') ? exit.refused : exit.ok;
}

function json({ source, workload, namespace, judgement }: Checked): object {
  return {
    source,
    kind: workload.kind,
    namespace,
    name: workload.name,
    allowed: judgement.decision !== 'deny',
    message: judgement.message,
    warnings: judgement.warnings,
    patch: judgement.patch,
    images: judgement.images.map(({ use, pinned, result }) => ({
      container: use.container,
      pointer: use.pointer,
      image: use.image,
      pinned,
      result,
    })),
  };
}

const decisions: Readonly<Record<Decision, { readonly word: string; readonly tone: Tone }>> = {
  allow: { word: 'allowed', tone: 'good' },
  warn: { word: 'allowed with a warning', tone: 'doubt' },
  deny: { word: 'denied', tone: 'bad' },
};

function text({ source, workload, namespace, isSkipped, judgement }: Checked, output: Output): string {
  const { word, tone } = decisions[judgement.decision];
  const name = clean(`${workload.kind} ${namespace}/${workload.name}`, 200);
  const head = `${name}  ${paint(word, tone, output)}  (${clean(source, 200)})\n`;
  const rows = judgement.images.map(row);
  const images = rows.length > 0 ? table(['CONTAINER', 'IMAGE', 'RESULT', 'PINNED TO'], rows, output) : '';
  // The message of a denial is a list with lines of its own.
  const denial = judgement.message === '' ? [] : judgement.message.split('\n');
  const warnings = judgement.warnings.map(
    (each) => `${paint('warning', 'doubt', output)} ${clean(each, 400)}`,
  );
  const skipped = isSkipped ? [`not looked at: it has the label ${skipLabel}`] : [];
  const said = [...skipped, ...denial.map((line) => cleanQuoted(line, 4096)), ...warnings];
  return head + indented(images + said.map((line) => `${line}\n`).join(''));
}

function row({ use, result, reason, decision, pinned }: ImageVerdict): (string | Cell)[] {
  return [
    use.container,
    use.image,
    { text: reason === null ? result : `${result} (${reason})`, tone: decisions[decision].tone },
    pinned === use.image ? '-' : pinned.slice(pinned.lastIndexOf('@') + 1),
  ];
}
