/** The mirror lists that rows have. */
import { plainHttp } from '../../kit/node/real-cluster.ts';
import type { Names } from '../names.ts';
import type { Row } from '../row.ts';

type HostsTomls = NonNullable<Row['hostsTomls']>;

/** The mirrors, in their order, then the origin, all by plain HTTP. */
export function mirrored(...mirrors: readonly string[]): HostsTomls {
  return (names) => ({
    [names.plain('origin')]: listOf(
      names,
      mirrors.map((name) => names.plain(name)),
    ),
  });
}

/** The only endpoints are these; the origin itself is at a port where nobody listens. */
export function mirrorsOfDead(...mirrors: readonly string[]): HostsTomls {
  return (names) => ({
    [names.dead('origin')]: listOf(
      names,
      mirrors.map((name) => names.plain(name)),
      names.dead('origin'),
    ),
  });
}

/** Without mirrors the origin stands as a host, too: containerd 1.6 reads no file that has `server` alone. */
export function listOf(names: Names, mirrors: readonly string[], server = names.plain('origin')): string {
  if (mirrors.length === 0) return plainHttp(server);
  const hosts = mirrors.map((mirror) => `[host."http://${mirror}"]\n  capabilities = ["pull", "resolve"]\n`);
  return [`server = "http://${server}"\n`, ...hosts].join('\n');
}
