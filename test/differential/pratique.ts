/** Pratique's side of a case: a whole configuration file, loaded and asked as `pratique inspect` does it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildSnapshot } from '../../src/app/configuration/snapshot.ts';
import { RecordedFiles } from '../../src/config/files.ts';
import { anonymous } from '../../src/resolve/credentials/credential.ts';
import { deadlineIn } from '../../src/util/async/deadline.ts';
import type { Inspector } from '../../src/resolve/inspection/inspection.ts';
import { silent } from '../../src/resolve/inspection/observer.ts';
import { parseReference } from '../../src/resolve/reference/parse.ts';
import type { Format } from './case.ts';
import type { Outcome } from './observation.ts';

/** More than admission has: a busy machine must not look like a silent registry. */
const deadlineMs = 20_000;
const endpointTimeout = '3s';

export interface Pratique extends AsyncDisposable {
  /** Two with the same list ask the same endpoints in the same order. */
  readonly list: string;
  ask(image: string): Promise<Outcome>;
}

/** `version`: of the node's containerd, null for another runtime. */
export async function loadPratique(
  folder: string,
  format: Format,
  version: string | null,
): Promise<Pratique> {
  const file = join(folder, `pratique-${version}.yaml`);
  await writeFile(file, JSON.stringify(configuration(format, version)));
  const { nodeGroups, registry } = buildSnapshot(file, new RecordedFiles(folder), {
    version: 'differential',
    environment: {},
    inCluster: false,
    cluster: null,
    mirrors: null,
    observer: silent,
    mirrorWarning() {},
    providerFailed: () => {},
  });
  const [nodes] = nodeGroups.groups;
  if (!nodes) throw new Error('no node groups');
  return {
    list: nodes.mirrors.id,
    ask: (image) => inspect(nodes.inspector, image),
    [Symbol.asyncDispose]: () => registry.close(),
  };
}

function configuration(format: Format, version: string | null): object {
  const mirrors =
    format === 'hosts.toml'
      ? { containerd: { configPath: '.', version: version ?? 'auto' } }
      : { crio: { registriesConf: 'registries.conf' } };
  return {
    apiVersion: 'pratique.dev/v1alpha1',
    kind: 'Configuration',
    mirrors,
    registry: { endpointTimeout },
  };
}

async function inspect(inspector: Inspector, image: string): Promise<Outcome> {
  const { result, digest, message } = await inspector.inspect({
    reference: parseReference(image),
    credentials: anonymous,
    deadline: deadlineIn(deadlineMs),
    purpose: 'interactive',
    allEndpoints: false,
  });
  return { digest: result === 'available' ? digest : null, hung: false, words: `${result}: ${message}` };
}
