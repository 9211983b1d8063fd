/** What the cluster's demo prints beside kubectl's own words. */
import type { Stage } from './harness.ts';

const colour = process.stdout.isTTY && !process.env['NO_COLOR'];
const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
const line = (text = '') => void process.stdout.write(`${text}\n`);

export function opening({ cluster, scene, pratique }: Stage): void {
  line();
  line(
    `A Kubernetes API server at ${cluster.server}, and Pratique at its door (${pratique.replicas.length} replicas).`,
  );
  line('  nodes     amd-1 linux/amd64, arm-1 linux/arm64; tainted: pi-1 linux/arm/v7, win-1 windows/amd64');
  line(`  mirror    ${scene.mirror.url}   partly filled, asked first`);
  line(`  upstream  ${scene.upstream.url}   plays docker.io`);
  line();
}

export function title(text: string): void {
  line(paint(1, `# ${text}`));
}

/** A command, and all that it said. */
export function command(typed: string, said: string): void {
  line(`$ ${typed}`);
  if (said.trim() !== '') line(said.trimEnd());
}

export function remark(text: string): void {
  line(paint(2, text));
}

export function surprise(text: string): void {
  line(paint(31, `NOT AS EXPECTED: ${text}`));
}

export function gap(): void {
  line();
}

export function ending(surprises: number): void {
  if (surprises > 0) line(paint(31, `${surprises} of the story's steps did not go as expected`));
  else line(paint(32, 'Each step as expected, on a real API server.'));
}

export function stopping(): void {
  line('Stopping: Pratique drains for a few seconds.');
}

export function lines({ cluster, scene, pratique }: Stage): void {
  line('It stays up until Ctrl-C. In another terminal:');
  for (const each of [
    `export KUBECONFIG=${cluster.kubeconfig}`,
    'kubectl create namespace shop',
    'kubectl label namespace shop pratique.dev/mode=enforce',
    'kubectl -n shop run web --image=nginx:1.27            # pinned',
    'kubectl -n shop run edge --image=team/edge:1          # denied: for arm64 only',
    'kubectl -n default run edge --image=team/edge:1       # a warning: the chart starts with mode warn',
    'kubectl -n shop create deployment app --image=team/app:stable --replicas=2',
    'kubectl get imageinspections -A',
    'kubectl get imageinspections -A -o wide',
    'kubectl -n shop describe imageinspections',
    ...pratique.replicas.map(
      ({ name, metricsUrl }) => `curl -s ${metricsUrl}/metrics   # of ${name}; /readyz?verbose too`,
    ),
    `$EDITOR ${scene.folder}/certs.d/docker.io/hosts.toml   # taken into use within two seconds`,
  ]) {
    line(`  ${each}`);
  }
}
