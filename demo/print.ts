/** Output of the demo. */

import type { Answer, Pod } from '../test/kit/pratique/admission-client.ts';
import type { Access } from '../test/kit/registries/embedded-registry.ts';
import type { Samples } from '../test/kit/pratique/metrics.ts';
import type { Pratique } from './pratique.ts';
import type { Proof } from './proof.ts';
import type { Scenario } from './scenario.ts';

export interface PodReport {
  readonly title: string;
  readonly pod: Pod;
  readonly mutation: Answer;
  readonly verdict: Answer;
  readonly asked: readonly (Access & { readonly registry: string })[];
  readonly proofs: readonly Proof[];
  readonly scenario: Scenario;
  readonly asExpected: boolean;
}

const colour = process.stdout.isTTY && !process.env['NO_COLOR'];
const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
const good = (text: string) => paint(32, text);
const bad = (text: string) => paint(31, text);
const quiet = (text: string) => paint(2, text);
const line = (text = '') => void process.stdout.write(`${text}\n`);

export function opening({ mirror, upstream }: Scenario): void {
  line('The nodes of this cluster need linux/amd64 and linux/arm64.');
  line(`  mirror    ${mirror.url}   partly filled, asked first (certs.d/docker.io/hosts.toml)`);
  line(`  upstream  ${upstream.url}   plays docker.io`);
  line();
}

export function podReport({
  title,
  pod,
  mutation,
  verdict,
  asked,
  proofs,
  scenario: names,
  asExpected,
}: PodReport): void {
  const decision = verdict.allowed ? good('ALLOWED') : bad('DENIED');
  line(`${decision}  pod ${pod.metadata.name}: ${title}`);
  const role = (url: string | null) => (url === names.mirror.url ? 'mirror' : 'upstream');
  for (const { registry, method, url, status } of asked) {
    line(quiet(`  asked   ${role(registry).padEnd(8)} ${method.padEnd(4)} ${short(url)} → ${status}`));
  }
  for (const { op, path, value } of mutation.patch) {
    if (path.includes('annotations')) continue;
    const proof = proofs.find(({ image }) => image === value);
    const where = proof?.proved ? `, proved at the ${role(proof.where)}` : '';
    line(
      `  patch   ${op} ${path} = ${short(typeof value === 'string' ? value : JSON.stringify(value))}${where}`,
    );
  }
  for (const warning of verdict.warnings) line(`  warning ${warning}`);
  if (verdict.message !== null) line(`  says    ${verdict.message}`);
  if (!asExpected) line(bad('  NOT AS EXPECTED'));
  line();
}

/** Twelve digits distinguish two digests of the demo. */
function short(text: string): string {
  return text.replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/, '$1…');
}

export function mirrorStopped(): void {
  line('Now the mirror stops.');
  line();
}

export function metrics(moved: Samples): void {
  line('Changed in /metrics:');
  for (const [series, difference] of moved) line(quiet(`  +${difference}  ${series}`));
  line();
}

export function ending(unexpected: number, pods: number): void {
  if (unexpected > 0) line(bad(`${unexpected} of ${pods} pods were not answered as expected`));
  else line(good(`${pods} pods, each answered as expected; every pin proved; no second patch.`));
}

export function keepRunning(
  { configuration, folder }: Scenario,
  { port, metricsUrl }: Pratique,
  reviewFile: string,
): void {
  line();
  line('The registries and Pratique run until Ctrl-C. In another terminal:');
  line(`  ./bin/pratique inspect --config ${configuration} --all-endpoints nginx:1.27 team/legacy:2`);
  line(`  ./bin/pratique endpoints --config ${configuration} nginx:1.27`);
  line(`  $EDITOR ${folder}/certs.d/docker.io/hosts.toml     # reloaded within two seconds`);
  line(`  curl -sk https://127.0.0.1:${port}/validate -d @${reviewFile}`);
  line(`  curl -s ${metricsUrl}/metrics`);
}
