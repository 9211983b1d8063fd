/** A host table with its certificates read and its rewrite rules compiled. Not yet about any image. */
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
  /** `upstream`: the entry of the registry itself, its `server` line for instance. */
  readonly role: Endpoint['role'];
  readonly certificates: Certificates;
  readonly rewrites: readonly Rewrite[];
  /** Given by the mirror configuration itself; a hosts.toml gives none. */
  readonly credential: Credential | null;
  readonly warnings: readonly Warning[];
}

/** What is known about a table apart from its content. */
export interface HostOrigin {
  readonly role: Endpoint['role'];
  /** Where its certificates are named; stands in for a table without a source of its own. */
  readonly place: ConfigSource;
  readonly credential: Credential | null;
}

/** Reads and compiles what `table` names; a missing or broken file shows in the result, never as an exception. */
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

/** Compiles the rules; a pattern that does not compile is left out with a warning, as k3s does. */
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
