/** k3s's `registries.yaml` and its rewrite rules. */
import { hostConfigs, type K3sEndpoint } from '../../../src/resolve/endpoints/k3s/host-configs.ts';
import { parseRegistries, type RegistryConfig } from '../../../src/resolve/endpoints/k3s/registries.ts';
import { Rewrite } from '../../../src/resolve/endpoints/containerd/rewrite.ts';
import { type Case, equal, equalOrThrow, type Runner } from '../runner.ts';

interface HostConfigs extends Case {
  readonly yaml: string;
  readonly noDefaultEndpoint: boolean;
  readonly embeddedMirror: string | null;
}
interface RewriteRule extends Case {
  readonly pattern: string;
  readonly replace: string;
  readonly repository: string;
  readonly changed?: boolean;
}

/** The names that k3s's own test gives the files of the node's registry. */
const embeddedTls = {
  caFile: 'server-ca',
  certFile: 'client-cert',
  keyFile: 'client-key',
  insecureSkipVerify: false,
};

/** Without what is empty, as the vectors are written. */
function compact(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '' && value !== false));
}

function config({ auth, tls }: RegistryConfig): object | null {
  if (!auth && !tls) return null;
  return {
    ...(auth && {
      auth: compact({
        username: auth.username,
        password: auth.password,
        auth: auth.auth,
        identity_token: auth.identityToken,
      }),
    }),
    ...(tls && {
      tls: compact({
        ca_file: tls.caFile,
        cert_file: tls.certFile,
        key_file: tls.keyFile,
        insecure_skip_verify: tls.insecureSkipVerify,
      }),
    }),
  };
}

function endpoint(each: K3sEndpoint): object {
  const shown = each.config && config(each.config);
  return {
    url: each.url,
    ...(each.overridePath && { overridePath: true }),
    ...(shown && { config: shown }),
    ...(each.rewrites.size > 0 && { rewrites: Object.fromEntries(each.rewrites) }),
  };
}

function hosts({ yaml, noDefaultEndpoint, embeddedMirror }: HostConfigs): object {
  const found = hostConfigs(parseRegistries(yaml, 'registries.yaml'), {
    disableDefaultEndpoint: noDefaultEndpoint,
    embedded: embeddedMirror === null ? null : { address: embeddedMirror, tls: embeddedTls },
  });
  return Object.fromEntries(
    [...found].map(([name, { endpoints, fallback }]) => [
      name,
      { default: fallback && endpoint(fallback), endpoints: endpoints.map(endpoint) },
    ]),
  );
}

export const runner: Runner = {
  hostConfigs: (vector: HostConfigs) => equal(vector.want, hosts(vector)),
  rewriteRule: (vector: RewriteRule) => {
    const want = { repository: vector.want, changed: vector.changed };
    return equalOrThrow({ ...vector, want }, () => {
      const repository = new Rewrite(vector.pattern, vector.replace).replaceAll(vector.repository);
      return { repository, changed: repository !== vector.repository };
    });
  },
};
