/** Rows about TLS and logins. */
import { answersWith, takesOneScope, wantsBasic, wantsToken } from '../../kit/node/faults.ts';
import { runnable } from '../../kit/node/runnable-images.ts';
import type { Fault } from '../../kit/node/virtual-registries.ts';
import type { Names } from '../names.ts';
import type { Fill, Row } from '../row.ts';

const image = (salt: string) => runnable('linux/amd64', { salt });
const has: Fill = (host, { id }) => void host.add('app', '1', image(id));
const basic = wantsBasic('node', 'right');

function guarded(...faults: readonly Fault[]): NonNullable<Row['hosts']> {
  return { origin: (host, { id }) => void host.add('app', '1', image(id)).with(...faults) };
}

/** hosts.toml for the registry at one of its ports, with further keys. */
function at(port: (names: Names) => string, keys = ''): Pick<Row, 'hostsTomls' | 'image'> {
  return {
    hostsTomls: (names) => ({
      [port(names)]:
        `server = "https://${port(names)}"\n[host."https://${port(names)}"]\n  capabilities = ["pull", "resolve"]\n${keys}`,
    }),
    image: (names) => `${port(names)}/app:1`,
  };
}

const secure = (names: Names) => names.secure('origin');
const expired = (names: Names) => names.expired('origin');
const mutual = (names: Names) => names.mutual('origin');
const ca = (names: Names) => ({ 'ca.crt': names.ca });
const clientFiles = (names: Names) => ({
  ...ca(names),
  'node.crt': names.client.cert,
  'node.key': names.client.key,
});

const secrets = (...names: readonly string[]): NonNullable<Row['pod']> => {
  return () => ({ spec: { imagePullSecrets: names.map((name) => ({ name })) } });
};

export const accessRows: readonly Row[] = [
  {
    id: 'own-ca',
    title: 'TLS by an own CA that hosts.toml names',
    hosts: { origin: has },
    ...at(secure, '  ca = "ca.crt"\n'),
    files: ca,
    expected: 'Running',
  },
  {
    id: 'unknown-ca',
    title: 'TLS by a CA that nobody trusts',
    hosts: { origin: has },
    ...at(secure),
    expected: 'PullFailed',
    says: /x509|certificate/,
  },
  {
    id: 'skip-verify',
    title: 'the same with skip_verify',
    hosts: { origin: has },
    ...at(secure, '  skip_verify = true\n'),
    expected: 'Running',
  },
  {
    id: 'expired',
    title: 'a certificate that has ended',
    hosts: { origin: has },
    ...at(expired, '  ca = "ca.crt"\n'),
    files: ca,
    expected: 'PullFailed',
    says: /expired/,
  },
  {
    id: 'client-certificate',
    title: 'TLS with a client certificate',
    hosts: { origin: has },
    ...at(mutual, '  ca = "ca.crt"\n  client = [["node.crt", "node.key"]]\n'),
    files: clientFiles,
    expected: 'Running',
  },
  {
    id: 'no-client-certificate',
    title: 'the same without the client certificate',
    hosts: { origin: has },
    ...at(mutual, '  ca = "ca.crt"\n'),
    files: ca,
    expected: 'PullFailed',
    says: /certificate/,
  },
  {
    id: 'http-unsaid',
    title: 'plain HTTP that no hosts.toml tells of',
    hosts: { origin: has },
    hostsTomls: () => ({}),
    expected: 'PullFailed',
    says: /HTTP response to HTTPS client/,
  },
  {
    id: 'no-login',
    title: 'a registry that wants a login, a pod without',
    hosts: guarded(basic),
    expected: 'PullFailed',
    says: /401|unauthorized|authorization|authentication/i,
  },
  {
    id: 'login',
    title: 'the same with the right pull secret',
    hosts: guarded(basic),
    pullSecrets: { right: 'node:right' },
    pod: secrets('login-right'),
    expected: 'Running',
  },
  {
    id: 'wrong-login',
    title: 'the same with a wrong pull secret',
    hosts: guarded(basic),
    pullSecrets: { wrong: 'node:wrong' },
    pod: secrets('wrong-login-wrong'),
    expected: 'PullFailed',
  },
  {
    id: 'two-logins',
    title: 'a wrong and a right pull secret',
    hosts: guarded(basic),
    pullSecrets: { wrong: 'node:wrong', right: 'node:right' },
    pod: secrets('two-logins-wrong', 'two-logins-right'),
    expected: 'Running',
  },
  {
    id: 'no-secret',
    title: 'a pull secret that does not exist',
    hosts: guarded(basic),
    pod: secrets('nowhere'),
    expected: 'PullFailed',
  },
  {
    id: 'account-login',
    title: 'the pull secret of the service account',
    hosts: guarded(basic),
    pullSecrets: { right: 'node:right' },
    pod: () => ({ spec: { serviceAccountName: 'account-login' } }),
    expected: 'Running',
  },
  {
    id: 'mirror-login',
    title: 'a mirror that wants the image’s pull secret, and is the only one that has it',
    hosts: {
      mirror: (host, { id }) => void host.add('app', '1', image(id)).with(basic),
      origin: () => undefined,
    },
    hostsTomls: (names) => ({
      [names.plain('origin')]:
        `server = "http://${names.plain('origin')}"\n[host."http://${names.plain('mirror')}"]\n`,
    }),
    pullSecrets: { right: 'node:right' },
    pod: secrets('mirror-login-right'),
    expected: 'Running',
  },
  { id: 'token', title: 'a registry with tokens', hosts: guarded(wantsToken()), expected: 'Running' },
  {
    id: 'token-login',
    title: 'tokens for a login only, with the right pull secret',
    hosts: guarded(wantsToken({}, 'node:right')),
    pullSecrets: { right: 'node:right' },
    pod: secrets('token-login-right'),
    expected: 'Running',
  },
  {
    id: 'token-no-login',
    title: 'the same without one',
    hosts: guarded(wantsToken({}, 'node:right')),
    expected: 'PullFailed',
  },
  {
    id: 'token-expiry-text',
    title: 'a token whose expires_in is a text',
    hosts: guarded(wantsToken({ expires_in: '300' })),
    expected: 'PullFailed',
  },
  {
    id: 'token-expiry-half',
    title: 'a token whose expires_in is 300.5',
    hosts: guarded(wantsToken({ expires_in: 300.5 })),
    expected: 'PullFailed',
  },
  {
    id: 'token-issued-number',
    title: 'a token whose issued_at is a number',
    hosts: guarded(wantsToken({ issued_at: 1_700_000_000 })),
    expected: 'PullFailed',
  },
  {
    id: 'token-null',
    title: 'a token whose expires_in and issued_at are null',
    hosts: guarded(wantsToken({ expires_in: null, issued_at: null })),
    expected: 'Running',
  },
  {
    id: 'token-one-scope',
    title: 'a path mirror whose token server takes one scope only; the registry has it',
    hosts: {
      mirror: (host, { id }) =>
        void host.add('cache/app', '1', image(id)).with(takesOneScope(), wantsToken()),
      origin: has,
    },
    hostsTomls: (names) => ({
      [names.plain('origin')]:
        `server = "http://${names.plain('origin')}"\n[host."http://${names.plain('mirror')}/v2/cache"]\n  override_path = true\n`,
    }),
    expected: 'Running',
  },
  {
    id: 'token-server-down',
    title: 'a token server that answers 500',
    hosts: guarded(({ path }) => (path === '/token' ? { status: 500 } : null), wantsToken()),
    expected: 'PullFailed',
  },
  {
    id: 'challenge-less',
    title: 'a registry that answers 401 and names no way in',
    hosts: guarded(answersWith(401)),
    expected: 'PullFailed',
  },
];
