/** Host table with its certificates read and its rewrite rules compiled, independent of any image. */
import type { Credential } from '../../credentials/credential.ts';
import type { Warning } from '../../warning.ts';
import { type Certificates, readCertificates } from '../files/certificates.ts';
import type { ConfigSource, Endpoint } from '../endpoint.ts';
import type { Files } from '../files/files.ts';
import { Rewrite, RewriteError } from './rewrite.ts';
import { warn } from '../warn.ts';
import type { HostTable } from './hosts-toml/host-table.ts';

export interface LoadedHost {
  readonly table: HostTable;
  /** `upstream` for the entry of the registry itself, such as its `server` line. */
  readonly role: Endpoint['role'];
  readonly certificates: Certificates;
  readonly rewrites: readonly Rewrite[];
  /** Credential from the mirror configuration itself; null if it has none, which is always so for a hosts.toml. */
  readonly credential: Credential | null;
  readonly warnings: readonly Warning[];
}

/** Facts about a table that its content does not show. */
export interface HostOrigin {
  readonly role: Endpoint['role'];
  /** Place that names the table's certificates; messages show it for a table without a source of its own. */
  readonly place: ConfigSource;
  readonly credential: Credential | null;
}

/** Reads and compiles what `table` names. A missing or broken file is part of the result, never an exception. */
export function loadHost(
  table: HostTable,
  { role, place, credential }: HostOrigin,
  files: Files,
): LoadedHost {
  const names = { ca: table.ca ?? [], client: table.client ?? [], skipVerify: table.skipVerify ?? false };
  const { rewrites, warnings } = compileRewrites(table.rewrites, table.source ?? place);
  const certificates = readCertificates(names, place, files);
  return { table, role, certificates, rewrites, credential, warnings };
}

/** Compiles the rules. A pattern that does not compile is left out with a warning, because k3s ignores it too. */
export function compileRewrites(
  rules: ReadonlyMap<string, string>,
  source: ConfigSource,
): { readonly rewrites: readonly Rewrite[]; readonly warnings: readonly Warning[] } {
  const rewrites: Rewrite[] = [];
  const warnings: Warning[] = [];
  for (const [pattern, replacement] of rules) {
    try {
      rewrites.push(new Rewrite(pattern, replacement));
    } catch (error) {
      if (!(error instanceof RewriteError)) throw error;
      warnings.push(warn('RewriteIgnored', source, error.message));
    }
  }
  if (rewrites.length > 1) warnings.push(warn('SeveralRewrites', source, several));
  return { rewrites, warnings };
}

const several =
  'several rewrite rules: the node applies the first that changes the repository, in random order. Make them exclude each other';
