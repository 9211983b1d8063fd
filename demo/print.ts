/** What the demo prints: for a person, readable in a minute. */

import type { Answer, Pod } from '../test/kit/pratique/admission-client.ts';
import type { Access } from '../test/kit/registries/embedded-registry.ts';
import type { Samples } from '../test/kit/pratique/metrics.ts';
import type { Pratique } from './pratique.ts';
import type { Proof } from './proof.ts';
import type { Scene } from './scenario.ts';

export interface Performance {
  readonly title: string;
  readonly pod: Pod;
  readonly mutation: Answer;
  readonly verdict: Answer;
  readonly asked: readonly (Access & { readonly registry: string })[];
  readonly proofs: readonly Proof[];
  readonly names: Scene;
  readonly asExpected: boolean;
}

const colour = process.stdout.isTTY && !process.env['NO_COLOR'];
const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
const good = (text: string) => paint(32, text);
const bad = (text: string) => paint(31, text);
const quiet = (text: string) => paint(2, text);
const line = (text = '') => void process.stdout.write(`${text}\n`);

export function opening({ mirror, upstream }: Scene): void {
  line('Pratique stands at the door of a cluster whose nodes need linux/amd64 and linux/arm64.');
  line(`  mirror    ${mirror.url}   partly filled, asked first (certs.d/docker.io/hosts.toml)`);
  line(`  upstream  ${upstream.url}   plays docker.io`);
  line();
}

export function act({ title, pod, mutation, verdict, asked, proofs, names, asExpected }: Performance): void {
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
    line(`  patch   ${op} ${path} = ${short(String(value))}${where}`);
  }
  for (const warning of verdict.warnings) line(`  warning ${warning}`);
  if (verdict.message !== null) line(`  says    ${verdict.message}`);
  if (!asExpected) line(bad('  NOT AS EXPECTED'));
  line();
}

/** A digest's first twelve digits are enough to tell two apart. */
function short(text: string): string {
  return text.replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/, '$1…');
}

export function intermission(): void {
  line('Now the mirror is taken away.');
  line();
}

export function metrics(moved: Samples): void {
  line('What moved in /metrics:');
  for (const [series, difference] of moved) line(quiet(`  +${difference}  ${series}`));
  line();
}

export function ending(surprises: number, pods: number): void {
  if (surprises > 0) line(bad(`${surprises} of ${pods} pods were not answered as expected`));
  else line(good(`${pods} pods, each answered as expected; every pin proved; no second patch.`));
}

export function keeping({ configuration, folder }: Scene, { port, metricsUrl }: Pratique): void {
  line();
  line('Everything but the mirror stays up until Ctrl-C. In another terminal:');
  line(`  ./bin/pratique inspect --config ${configuration} --all-endpoints nginx:1.27 team/legacy:2`);
  line(`  ./bin/pratique endpoints --config ${configuration} nginx:1.27`);
  line(`  $EDITOR ${folder}/certs.d/docker.io/hosts.toml     # taken into use within two seconds`);
  line(`  curl -sk https://127.0.0.1:${port}/validate -d @review.json`);
  line(`  curl -s ${metricsUrl}/metrics`);
}
