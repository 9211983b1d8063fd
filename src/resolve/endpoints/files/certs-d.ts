/**
 * Reader of `certs.d/<host:port>/` with the rules of dockerd and CRI-O: `*.crt` are CAs, `*.cert` with `*.key` are client
 * certificates.
 */
import { plainTls } from '../endpoint.ts';
import { type Certificates, readCertificates } from './certificates.ts';
import type { Files } from './files.ts';

/** Maps a host (or `host:port`) to its certificates; every directory of the tree has an entry. */
export type CertsD = ReadonlyMap<string, Certificates>;

export const noCertificates: Certificates = { tls: plainTls, skip: null };

/** Reads the whole tree. A missing tree has no entries. */
export function readCertsD(directory: string, files: Files): CertsD {
  const hosts = (files.list(directory) ?? []).filter((name) => name.endsWith('/'));
  return new Map(
    hosts.map((name) => [name.slice(0, -1), readHost(`${directory}/${name.slice(0, -1)}`, files)]),
  );
}

function readHost(directory: string, files: Files): Certificates {
  const names = files.list(directory) ?? [];
  const ending = (suffix: string): readonly string[] =>
    names
      .filter((name) => name.endsWith(suffix))
      .map((name) => `${directory}/${name.slice(0, -suffix.length)}`);
  // dockerd and CRI-O fail for a key without its certificate and for a certificate without its key.
  const pairs = new Set([...ending('.cert'), ...ending('.key')]);
  const client = [...pairs].map((stem) => ({ cert: `${stem}.cert`, key: `${stem}.key` }));
  const ca = ending('.crt').map((stem) => `${stem}.crt`);
  return readCertificates({ ca, client, skipVerify: false }, { file: directory, line: null }, files);
}
