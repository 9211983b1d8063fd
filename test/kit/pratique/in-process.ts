/** The inspector that a configuration makes, in this process: for tests that count every single request. */
import { buildSnapshot } from '../../../src/app/configuration/snapshot.ts';
import { filesBeside } from '../../../src/config/load.ts';
import { deadlineIn } from '../../../src/util/async/deadline.ts';
import type { Inspection } from '../../../src/resolve/inspection/inspection.ts';
import { silent } from '../../../src/resolve/inspection/observer.ts';
import { parseReference } from '../../../src/resolve/reference/parse.ts';
import type { NodeFiles } from '../../integration/support/node-files.ts';

export interface Inside extends AsyncDisposable {
  /** Inspects for admission, with a deadline of ten seconds. */
  inspect(image: string): Promise<Inspection>;
}

export function inside({ configuration }: NodeFiles): Inside {
  const { inspector, credentials, registry } = buildSnapshot(configuration, filesBeside(configuration), {
    version: 'test',
    environment: {},
    inCluster: false,
    cluster: null,
    mirrors: null,
    observer: silent,
    mirrorWarning() {},
    providerFailed: (provider, message) => {
      throw new Error(`${provider}: ${message}`);
    },
  });
  return {
    inspect: (image) =>
      inspector.inspect({
        reference: parseReference(image),
        credentials,
        deadline: deadlineIn(10_000),
        purpose: 'admission',
        allEndpoints: false,
      }),
    [Symbol.asyncDispose]: () => registry.close(),
  };
}
