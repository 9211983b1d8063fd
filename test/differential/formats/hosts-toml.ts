/** A case as a `hosts.toml` tree: the same hosts in the same order, written in one of the many ways there are. */
import { type Case, domainOf } from '../case.ts';
import type { Random } from '../../kit/random.ts';
import type { Stage } from '../harness.ts';

/** Path below the root → text. */
export function hostsTree(each: Case, stage: Stage, random: Random): Readonly<Record<string, string>> {
  const directory = random.pick(directories(domainOf(each, stage.upstream)));
  const decoys = {
    ...(random.oneIn(2) ? { 'unrelated.test': decoy(stage) } : {}),
    ...(directory !== '_default' && random.oneIn(2) ? { _default: decoy(stage) } : {}),
  };
  const tree = { ...decoys, [directory]: hostsFile(each, stage, random) };
  return Object.fromEntries(Object.entries(tree).map(([name, text]) => [`${name}/hosts.toml`, text]));
}

/** Any of them is found when the others are not there. */
function directories(domain: string): readonly string[] {
  const [host, port] = domain.split(':');
  return port === undefined ? [domain, domain, '_default'] : [domain, `${host}_${port}_`, '_default'];
}

function decoy(stage: Stage): string {
  return `server = "http://${stage.decoy}"\n[host."http://${stage.decoy}"]\n`;
}

function hostsFile(each: Case, stage: Stage, random: Random): string {
  const tables = stage.hosts.slice(0, -1).map((host) => hostTable(address(each, host, random), random));
  return [serverLines(each, stage.upstream, random), ...oddMirror(each, stage, random), ...tables].join('\n');
}

interface Address {
  readonly url: string;
  readonly override: boolean;
}

/** Proxies have their upstream's name in the path, and that is where token scopes go wrong. */
function address(each: Case, host: string, random: Random): Address {
  const base = `http://${host}`;
  if (random.oneIn(each.cell.fault === 'wrong scope' ? 2 : 6))
    return { url: `${base}/v2/proxy`, override: true };
  const path = random.pick(['', '', '/v2', '/', '/v2/', '/corp', '/corp/v2']);
  return { url: base + path, override: false };
}

/** Left out, the image's own registry is asked, which is the upstream only if it has no other name. */
function serverLines(each: Case, upstream: string, random: Random): string {
  if (each.domain === null && random.oneIn(2)) return '';
  const { url, override } = address(each, upstream, random);
  return `server = "${url}"\n${override ? 'override_path = true\n' : ''}`;
}

/** A mirror without the capability that it takes, or written as an inline table, which containerd 1 asks and containerd 2 drops. */
function oddMirror(each: Case, { decoy }: Stage, random: Random): readonly string[] {
  // What a tag means takes `pull` and `resolve`, a digest takes `pull`.
  const lacking = each.by === 'tag' ? random.pick(['pull', 'resolve']) : 'resolve';
  const incapable = `[host."http://${decoy}"]\n  capabilities = ["${lacking}"]\n`;
  const inline = `[host]\n  "http://${decoy}" = { capabilities = ["pull", "resolve"] }\n`;
  return random.pick([[], [], [incapable], [inline]]);
}

function hostTable({ url, override }: Address, random: Random): string {
  const lines = [
    `[host."${url}"]`,
    ...random.pick([
      [],
      ['capabilities = ["pull", "resolve"]'],
      ['capabilities = ["resolve", "pull", "push"]'],
    ]),
    ...(override ? ['override_path = true'] : []),
    ...(random.oneIn(4) ? ['skip_verify = true'] : []),
  ];
  return `${lines.join('\n  ')}\n`;
}
