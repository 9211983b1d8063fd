/** The demo on a real API server: what a person types, what comes back, and whether it is what was to come. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Kubectl, kubectl } from '../../test/kit/cluster/kubectl.ts';
import { multiArch } from '../../test/kit/registries/images.ts';
import { proveDigest } from '../proof.ts';
import type { Stage } from './harness.ts';
import * as tell from './print.ts';

interface Step {
  readonly title: string;
  readonly commands: readonly string[];
  /** What is to be seen in the words of the last command. */
  readonly expected: RegExp;
  /** Exit status of the last command. */
  readonly status: 0 | 1;
}

const admission: readonly Step[] = [
  {
    title: 'Two namespaces: shop enforces, lab has what the chart starts with, warnings',
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
    title: 'The same image, where Pratique enforces',
    commands: ['kubectl -n shop run edge --image=team/edge:1'],
    expected: /denied the request[^]*linux\/amd64/,
    status: 1,
  },
  {
    title: 'The same image again, for nodes that it fits',
    commands: [
      `kubectl -n shop run edge --image=team/edge:1 --overrides={"spec":{"nodeSelector":{"kubernetes.io/arch":"arm64"}}}`,
    ],
    expected: /pod\/edge created/,
    status: 0,
  },
  {
    title: 'An image that is nowhere',
    commands: ['kubectl -n shop run ghost --image=team/ghost:9'],
    expected: /denied the request[^]*team\/ghost:9/,
    status: 1,
  },
  {
    title: 'A Deployment whose pods are let in, and one whose pods are not',
    commands: [
      'kubectl -n shop create deployment legacy --image=team/legacy:2',
      'kubectl -n shop create deployment app --image=team/app:stable --replicas=2',
      'kubectl -n shop rollout status deployment/app --timeout=30s',
    ],
    expected: /successfully rolled out/,
    status: 0,
  },
];

const moved = '--field-selector spec.image=team/app:stable';

/** Gives the number of steps that did not go as expected. */
export async function play(stage: Stage): Promise<number> {
  let surprises = 0;
  for (const step of admission) surprises += await perform(step, stage);
  surprises += await proof(stage);
  surprises += await inspections(stage);
  surprises += await drift(stage);
  return surprises;
}

async function perform({ title, commands, expected, status }: Step, stage: Stage): Promise<number> {
  tell.title(title);
  let last: Kubectl = { stdout: '', stderr: '', status: 0 };
  for (const command of commands) last = await typed(command, stage);
  const fine = last.status === status && expected.test(last.stderr + last.stdout);
  if (!fine) tell.surprise(`exit status ${last.status}; ${status} and ${String(expected)} were to come`);
  tell.gap();
  return fine ? 0 : 1;
}

/** Runs what a person would type, and shows it. */
async function typed(command: string, stage: Stage): Promise<Kubectl> {
  const result = await quietly(command, stage);
  tell.command(shown(command), result.stderr + result.stdout);
  return result;
}

function quietly(command: string, { cluster }: Stage): Promise<Kubectl> {
  return kubectl(cluster.kubeconfig, command.split(' ').slice(1));
}

/** With the quotes that a shell wants. */
function shown(command: string): string {
  return command.replace(/=(\{.*\})$/, "='$1'");
}

/** The digest of the pin is fetched and hashed here, not by Pratique. */
async function proof(stage: Stage): Promise<number> {
  tell.title('Is the pin true? Fetched and hashed here, not by Pratique');
  const { stdout } = await quietly(
    'kubectl -n shop get pod web -o jsonpath={.spec.containers[0].image}',
    stage,
  );
  const { proved, where } = await proveDigest(stdout, stage.scene);
  if (proved) tell.remark(`${stdout} is what ${where} has`);
  else tell.surprise(`no registry has ${stdout}`);
  tell.gap();
  return proved ? 0 : 1;
}

async function inspections(stage: Stage): Promise<number> {
  tell.title('One object per image in use, that of the refused pods included');
  const seen = await until(
    async () => (await quietly('kubectl get imageinspections -A --no-headers', stage)).stdout,
    (text) =>
      ['nginx:1.27', 'team/edge:1', 'team/legacy:2', 'team/app:stable'].every((image) =>
        text.includes(image),
      ),
  );
  await typed('kubectl get imageinspections -A', stage);
  await typed('kubectl get imageinspections -A -o wide', stage);
  if (!seen) tell.surprise('an image in use has no ImageInspection');
  tell.gap();
  return seen ? 0 : 1;
}

async function drift(stage: Stage): Promise<number> {
  tell.title('Somebody moves the tag team/app:stable at the mirror');
  const platforms = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'];
  stage.scene.mirror.registry.add('team/app', 'stable', multiArch(platforms, { salt: 'release 3' }));
  const query = `kubectl -n shop get imageinspections ${moved} -o jsonpath={.items[*].status.conditions[?(@.type=="Drifted")].status}`;
  const drifted = await until(
    async () => (await quietly(query, stage)).stdout,
    (text) => text === 'True',
  );
  const { stdout: name } = await quietly(`kubectl -n shop get imageinspections ${moved} -o name`, stage);
  const described = await typed(`kubectl -n shop describe ${name.trim()}`, stage);
  const told = await until(
    async () => (await quietly('kubectl -n shop get events', stage)).stdout,
    (text) => /drift/i.test(text),
  );
  await typed('kubectl -n shop get events --field-selector involvedObject.kind=Deployment', stage);
  if (!drifted) tell.surprise('the condition Drifted did not become True');
  if (!told) tell.surprise('no Event tells of the drift');
  tell.gap();
  return drifted && told && described.status === 0 ? 0 : 1;
}

const patienceMs = 45_000;

/** Whether `enough` became true of what `look` gives. */
async function until(look: () => Promise<string>, enough: (text: string) => boolean): Promise<boolean> {
  for (const end = Date.now() + patienceMs; Date.now() < end; await delay(250)) {
    if (enough(await look())) return true;
  }
  return false;
}
