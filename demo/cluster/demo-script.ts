/** The demo on a real API server: commands that a person would type, their output, and whether it is the expected one. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Kubectl, kubectl } from '../../test/kit/cluster/kubectl.ts';
import { multiArch } from '../../test/kit/registries/images.ts';
import { proveDigest } from '../proof.ts';
import type { DemoCluster } from './demo-cluster.ts';
import * as print from './print.ts';

interface Step {
  readonly title: string;
  readonly commands: readonly string[];
  /** Must match the output of the last command. */
  readonly expected: RegExp;
  /** Exit status of the last command. */
  readonly status: 0 | 1;
}

const admission: readonly Step[] = [
  {
    title: 'Two namespaces: shop enforces, lab keeps the default of the chart, warnings',
    commands: [
      'kubectl create namespace lab',
      'kubectl create namespace shop',
      'kubectl label namespace shop pratique.dev/mode=enforce',
    ],
    expected: /labeled/,
    status: 0,
  },
  {
    title: 'An image for all nodes that the pod may land on: allowed, and pinned to what the nodes will get',
    commands: [
      'kubectl -n shop run web --image=nginx:1.27',
      'kubectl -n shop get pod web -o jsonpath={.spec.containers[0].image}',
    ],
    expected: /^nginx:1\.27@sha256:[0-9a-f]{64}$/,
    status: 0,
  },
  {
    title: 'An image for arm64 only, where Pratique warns',
    commands: ['kubectl -n lab run edge --image=team/edge:1'],
    expected: /Warning: .*linux\/amd64[^]*pod\/edge created/,
    status: 0,
  },
  {
    title: 'The same image, where Pratique enforces: restricted to the nodes that it fits',
    commands: ['kubectl -n shop run edge --image=team/edge:1'],
    expected: /Warning: .*node affinity restricts the pod to linux\/arm64[^]*pod\/edge created/,
    status: 0,
  },
  {
    title: 'The same image again, for nodes that it does not fit',
    commands: [
      `kubectl -n shop run edge-2 --image=team/edge:1 --overrides={"spec":{"nodeSelector":{"kubernetes.io/arch":"amd64"}}}`,
    ],
    expected: /denied the request[^]*linux\/amd64/,
    status: 1,
  },
  {
    title: 'An image that does not exist',
    commands: ['kubectl -n shop run ghost --image=team/ghost:9'],
    expected: /denied the request[^]*team\/ghost:9/,
    status: 1,
  },
  {
    title: 'A Deployment whose pods are allowed, and one whose pods are denied',
    commands: [
      'kubectl -n shop create deployment ghost --image=team/ghost:9',
      'kubectl -n shop create deployment app --image=team/app:stable --replicas=2',
      'kubectl -n shop rollout status deployment/app --timeout=30s',
    ],
    expected: /successfully rolled out/,
    status: 0,
  },
];

const moved = '--field-selector spec.image=team/app:stable';

/** Runs every step; returns the number of unexpected results. */
export async function runDemoScript(demo: DemoCluster): Promise<number> {
  let unexpected = 0;
  for (const step of admission) unexpected += await runStep(step, demo);
  unexpected += await checkPin(demo);
  unexpected += await showInspections(demo);
  unexpected += await showDrift(demo);
  return unexpected;
}

async function runStep({ title, commands, expected, status }: Step, demo: DemoCluster): Promise<number> {
  print.title(title);
  let last: Kubectl = { stdout: '', stderr: '', status: 0 };
  for (const command of commands) last = await runShown(command, demo);
  const fine = last.status === status && expected.test(last.stderr + last.stdout);
  if (!fine) print.unexpected(`exit status ${last.status}; expected ${status} and ${String(expected)}`);
  print.gap();
  return fine ? 0 : 1;
}

/** Runs a command and prints it with its output. */
async function runShown(command: string, demo: DemoCluster): Promise<Kubectl> {
  const result = await runQuietly(command, demo);
  print.command(quoteJson(command), result.stderr + result.stdout);
  return result;
}

function runQuietly(command: string, { cluster }: DemoCluster): Promise<Kubectl> {
  return kubectl(cluster.kubeconfig, command.split(' ').slice(1));
}

/** Quotes the JSON of an option, as a shell needs it. */
function quoteJson(command: string): string {
  return command.replace(/=(\{.*\})$/, "='$1'");
}

/** Fetches the pinned manifest and hashes it here, not by Pratique. */
async function checkPin(demo: DemoCluster): Promise<number> {
  print.title('Is the pin true? Fetched and hashed here, not by Pratique');
  const { stdout } = await runQuietly(
    'kubectl -n shop get pod web -o jsonpath={.spec.containers[0].image}',
    demo,
  );
  const { proved, where } = await proveDigest(stdout, demo.scenario);
  if (proved) print.remark(`${stdout} is what ${where} has`);
  else print.unexpected(`no registry has ${stdout}`);
  print.gap();
  return proved ? 0 : 1;
}

async function showInspections(demo: DemoCluster): Promise<number> {
  print.title('One object for each image in use, also where the pods were denied');
  const seen = await until(
    async () => (await runQuietly('kubectl get imageinspections -A --no-headers', demo)).stdout,
    (text) =>
      ['nginx:1.27', 'team/edge:1', 'team/ghost:9', 'team/app:stable'].every((image) => text.includes(image)),
  );
  await runShown('kubectl get imageinspections -A', demo);
  await runShown('kubectl get imageinspections -A -o wide', demo);
  if (!seen) print.unexpected('an image in use has no ImageInspection');
  print.gap();
  return seen ? 0 : 1;
}

async function showDrift(demo: DemoCluster): Promise<number> {
  print.title('The tag team/app:stable moves at the mirror');
  const platforms = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'];
  demo.scenario.mirror.registry.add('team/app', 'stable', multiArch(platforms, { salt: 'release 3' }));
  const query = `kubectl -n shop get imageinspections ${moved} -o jsonpath={.items[*].status.conditions[?(@.type=="Drifted")].status}`;
  const drifted = await until(
    async () => (await runQuietly(query, demo)).stdout,
    (text) => text === 'True',
  );
  const { stdout: name } = await runQuietly(`kubectl -n shop get imageinspections ${moved} -o name`, demo);
  const described = await runShown(`kubectl -n shop describe ${name.trim()}`, demo);
  const reported = await until(
    async () => (await runQuietly('kubectl -n shop get events', demo)).stdout,
    (text) => /drift/i.test(text),
  );
  await runShown('kubectl -n shop get events --field-selector involvedObject.kind=Deployment', demo);
  if (!drifted) print.unexpected('the condition Drifted did not become True');
  if (!reported) print.unexpected('no Event reports the drift');
  print.gap();
  return drifted && reported && described.status === 0 ? 0 : 1;
}

const timeoutMs = 45_000;

/** Polls `look` until `enough` accepts its text; returns false after the timeout. */
async function until(look: () => Promise<string>, enough: (text: string) => boolean): Promise<boolean> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await delay(250)) {
    if (enough(await look())) return true;
  }
  return false;
}
