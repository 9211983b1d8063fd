/** Output of the cluster's demo beside that of kubectl. */
import type { DemoCluster } from './demo-cluster.ts';

const colour = process.stdout.isTTY && !process.env['NO_COLOR'];
const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
const line = (text = '') => void process.stdout.write(`${text}\n`);

export function opening({ cluster, scenario, pratique }: DemoCluster): void {
  line();
  line(
    `A Kubernetes API server at ${cluster.server}, with ${pratique.replicas.length} replicas of Pratique.`,
  );
  line('  nodes     amd-1 linux/amd64, arm-1 linux/arm64; tainted: pi-1 linux/arm/v7, win-1 windows/amd64');
  line(`  mirror    ${scenario.mirror.url}   partly filled, asked first`);
  line(`  upstream  ${scenario.upstream.url}   plays docker.io`);
  line();
}

export function title(text: string): void {
  line(paint(1, `# ${text}`));
}

/** A command with its output. */
export function command(typed: string, said: string): void {
  line(`$ ${typed}`);
  if (said.trim() !== '') line(said.trimEnd());
}

export function remark(text: string): void {
  line(paint(2, text));
}

export function unexpected(text: string): void {
  line(paint(31, `NOT AS EXPECTED: ${text}`));
}

export function gap(): void {
  line();
}

export function ending(unexpected: number): void {
  if (unexpected > 0) line(paint(31, `${unexpected} steps did not go as expected`));
  else line(paint(32, 'Each step as expected, on a real API server.'));
}

export function stopping(): void {
  line('Stopping: Pratique drains for a few seconds.');
}

export function nextCommands({ cluster, scenario, pratique }: DemoCluster): void {
  line('The cluster runs until Ctrl-C. In another terminal:');
  for (const each of [
    `export KUBECONFIG=${cluster.kubeconfig}`,
    'kubectl create namespace shop',
    'kubectl label namespace shop pratique.dev/mode=enforce',
    'kubectl -n shop run web --image=nginx:1.27            # pinned',
    'kubectl -n shop run edge --image=team/edge:1          # for arm64 only: an affinity restricts it to such nodes',
    'kubectl -n default run edge --image=team/edge:1       # a warning: the chart starts with mode warn',
    'kubectl -n shop create deployment app --image=team/app:stable --replicas=2',
    'kubectl get imageinspections -A',
    'kubectl get imageinspections -A -o wide',
    'kubectl -n shop describe imageinspections',
    ...pratique.replicas.map(
      ({ name, metricsUrl }) => `curl -s ${metricsUrl}/metrics   # of ${name}; /readyz?verbose too`,
    ),
    `$EDITOR ${scenario.folder}/certs.d/docker.io/hosts.toml   # reloaded within two seconds`,
  ]) {
    line(`  ${each}`);
  }
}
