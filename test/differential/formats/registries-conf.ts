/** A case as a `registries.conf`: the same hosts in the same order, written in one of the many ways there are. */
import { type Case, domainOf } from '../case.ts';
import type { Random } from '../../kit/random.ts';
import type { Stage } from '../harness.ts';

export function registriesConf(each: Case, stage: Stage, random: Random): string {
  const prefix = random.pick(prefixes(each, domainOf(each, stage.upstream)));
  const tables = [
    registry(each, stage, prefix, random),
    ...(random.oneIn(2) ? ['[[registry]]\nlocation = "unrelated.test"\nblocked = true\n'] : []),
    ...shorter(prefix, stage, random),
  ];
  if (random.oneIn(2)) tables.reverse();
  return ['unqualified-search-registries = []\n', ...tables].join('\n');
}

/** Every prefix that covers the image. */
function prefixes({ path }: Case, domain: string): readonly string[] {
  const parts = path.split('/');
  const covering = parts.map((_, index) => [domain, ...parts.slice(0, index + 1)].join('/'));
  return [domain, domain, ...covering, ...(domain.endsWith('.test') ? ['*.test'] : [])];
}

/** A longer prefix wins, wherever it stands. */
function shorter(prefix: string, stage: Stage, random: Random): readonly string[] {
  const [domain = ''] = prefix.split('/');
  if (prefix === domain || !random.oneIn(2)) return [];
  return [`[[registry]]\nprefix = "${domain}"\nlocation = "${stage.decoy}"\ninsecure = true\n`];
}

function registry(each: Case, stage: Stage, prefix: string, random: Random): string {
  const rest = prefix.includes('/') ? prefix.slice(prefix.indexOf('/')) : '';
  const own = each.domain === null && random.oneIn(2);
  const location = own ? prefix : address(stage.upstream, rest, random);
  const byDigestOnly = each.by !== 'tag' && random.oneIn(3);
  const lines = [
    '[[registry]]',
    ...(own && random.oneIn(2) ? [] : [`prefix = "${prefix}"`]),
    `location = "${location}"`,
    'insecure = true',
    ...(byDigestOnly ? ['mirror-by-digest-only = true'] : []),
    ...stage.hosts.slice(0, -1).flatMap((host) => mirror(address(host, rest, random))),
  ];
  return `${lines.join('\n')}\n`;
}

function mirror(location: string): readonly string[] {
  return ['[[registry.mirror]]', `location = "${location}"`, 'insecure = true'];
}

/** The location stands for the prefix, so what the prefix took off the path is there again, or something else is. */
function address(host: string, rest: string, random: Random): string {
  return host + random.pick([rest, rest, `/proxy${rest}`, '/moved']);
}
