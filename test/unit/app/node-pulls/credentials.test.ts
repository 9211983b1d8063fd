/** Which credentials reach which endpoint for each runtime, and what a refusal proves. */
import { describe, expect, test } from '@jest/globals';
import type { Handler } from '../../../kit/fakes/scripted-registry.ts';
import { absent, holding, multi } from '../../resolve/inspection/images.ts';
import { nodes, type Nodes, runtimes, type Setup, verdict, warningCodes } from './harness.ts';

const has = holding({ tags: { '1': multi('amd64') } });
const auth = Buffer.from('u:p4ssw0rd').toString('base64');
const unauthorized: Handler = () => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } });
const forbidden: Handler = ({ headers }) =>
  headers.authorization === undefined
    ? { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } }
    : {
        status: 403,
        headers: { 'content-type': 'application/json' },
        body: { errors: [{ code: 'DENIED', message: 'Your authorization token has expired' }] },
      };
const guarded: Handler = (request) =>
  request.headers.authorization === `Basic ${auth}` ? has(request) : unauthorized(request);
const kubeletFile = { 'k.json': JSON.stringify({ auths: { 'registry.test': { auth } } }) };
const nodeConfig = { credentials: { nodeDockerConfig: 'k.json' } };

function sent({ requests }: Nodes['mirror']): readonly unknown[] {
  return [...new Set(requests.map(({ headers }) => headers.authorization))].filter(Boolean);
}

describe('a registry that registries.conf moves to another host', () => {
  const moved: Setup = {
    files: { 'r.conf': '[[registry]]\nprefix = "registry.test"\nlocation = "M"\ninsecure = true\n' },
    mirrors: { crio: { registriesConf: 'r.conf' } },
  };

  test('sees no credentials of the domain that the image names', async () => {
    const setup = await nodes(moved, { mirror: guarded, files: kubeletFile, configuration: nodeConfig });
    const inspection = await setup.inspect();
    expect(inspection.result).toBe('denied');
    expect(inspection.message).toContain(`no credentials for ${setup.mirror.host} were given`);
    expect(sent(setup.mirror)).toEqual([]);
  });

  test('sees the credentials that are kept for that host', async () => {
    const files = { 'c.json': JSON.stringify({ auths: { M: { auth } } }) };
    const configuration = { credentials: { dockerConfig: 'c.json' } };
    const setup = await nodes(moved, { mirror: guarded, files, configuration });
    expect(verdict(setup, await setup.inspect())).toBe('available at M');
  });
});

describe('a mirror that refuses an image', () => {
  test("proves nothing where containerd would have sent it the image's pull secret", async () => {
    const setup = await nodes(runtimes['containerd 2.1'], {
      mirror: guarded,
      upstream: () => absent,
      files: kubeletFile,
      configuration: nodeConfig,
    });
    const inspection = await setup.inspect();
    expect(verdict(setup, inspection)).toBe('unavailable/NodeCredentials');
    expect(warningCodes(inspection)).toEqual(['NodeCredentials']);
    expect(sent(setup.mirror)).toEqual([]);
  });

  test('is asked with the pull secret if kubeletMatching allows it', async () => {
    const setup = await nodes(runtimes['containerd 2.1'], {
      mirror: guarded,
      files: kubeletFile,
      configuration: { credentials: { ...nodeConfig.credentials, kubeletMatching: true } },
    });
    expect(verdict(setup, await setup.inspect())).toBe('available at M');
  });

  test('is a refusal where the node has no credentials for the image either', async () => {
    const setup = await nodes(runtimes['containerd 2.1'], { mirror: unauthorized, upstream: () => absent });
    expect(verdict(setup, await setup.inspect())).toBe('denied');
  });
});

describe('the words of a refusal', () => {
  const upstreamOnly: Setup = runtimes['containerd 2.1'];

  test('name the file whose credentials were sent', async () => {
    const setup = await nodes(upstreamOnly, {
      upstream: forbidden,
      mirror: () => absent,
      files: { 'c.json': JSON.stringify({ auths: { U: { auth } } }) },
      configuration: { credentials: { dockerConfig: 'c.json' } },
    });
    const { result, message } = await setup.inspect();
    expect(result).toBe('denied');
    expect(message).toContain('credentials from c.json were sent and refused: rotated or expired?');
    expect(message).toContain('Your authorization token has expired');
  });

  test('warn that credential helpers are not used', async () => {
    const setup = await nodes(upstreamOnly, {
      upstream: unauthorized,
      files: { 'c.json': JSON.stringify({ auths: { U: {} }, credsStore: 'desktop' }) },
      configuration: { credentials: { dockerConfig: 'c.json' } },
    });
    const inspection = await setup.inspect();
    expect(inspection.warnings.filter(({ code }) => code !== 'PlainHttp')).toMatchObject([
      { code: 'CredentialHelpersIgnored', source: 'c.json' },
    ]);
  });

  test('say that none were given', async () => {
    const setup = await nodes(upstreamOnly, { upstream: unauthorized, mirror: () => absent });
    expect((await setup.inspect()).message).toContain(`no credentials for ${setup.upstream.host} were given`);
  });

  test('suspect a firewall behind a page of HTML', async () => {
    const page: Handler = () => ({
      status: 403,
      headers: { 'content-type': 'text/html' },
      body: '<html><body>Blocked by policy</body></html>',
    });
    const setup = await nodes(upstreamOnly, { upstream: page, mirror: page });
    const { result, message } = await setup.inspect();
    expect(result).toBe('denied');
    expect(message).toContain('a page of HTML: a firewall or proxy?');
    expect(message).not.toContain('Blocked by policy');
  });
});

describe('an exec credential provider', () => {
  const config =
    'apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\nproviders:\n' +
    '  - name: prov\n    matchImages: ["registry.test"]\n    defaultCacheDuration: "12h"\n' +
    '    apiVersion: credentialprovider.kubelet.k8s.io/v1\n';
  const respond = (value: object): string =>
    `#!/bin/sh\ncat >/dev/null\necho '${JSON.stringify({
      kind: 'CredentialProviderResponse',
      apiVersion: 'credentialprovider.kubelet.k8s.io/v1',
      cacheKeyType: 'Registry',
      auth: value,
    })}'\n`;
  const withProvider = (upstream: Handler, script: string | null) =>
    nodes(runtimes['containerd 2.1'], {
      mirror: () => absent,
      upstream,
      files: { 'cp.yaml': config, 'bin/other': '', ...(script === null ? {} : { 'bin/prov': script }) },
      configuration: { credentials: { execProviders: { config: 'cp.yaml', binDir: 'bin' } } },
    });

  test.each([
    ['is missing', null, 'credential provider "prov" failed: cannot be run (ENOENT)'],
    [
      'fails',
      '#!/bin/sh\necho no identity >&2\nexit 1\n',
      'credential provider "prov" failed: exit status 1; stderr: no identity',
    ],
    ['returns nothing', respond({}), 'credential provider "prov" returned no credentials'],
  ])('that %s makes a refusal unknown, and is named', async (_what, script, problem) => {
    const setup = await withProvider(unauthorized, script);
    const inspection = await setup.inspect();
    expect(verdict(setup, inspection)).toBe('unavailable/NodeCredentials');
    expect(inspection.message).toContain(problem);
    expect(inspection.warnings.map(({ message }) => message).join()).toContain(problem);
  });

  test('that is missing does not prevent an anonymous pull', async () => {
    const setup = await withProvider(has, null);
    expect(verdict(setup, await setup.inspect())).toBe('available at U');
  });

  test('whose credentials are refused does not hide the refusal', async () => {
    const setup = await withProvider(
      forbidden,
      respond({ 'registry.test': { username: 'u', password: 'x' } }),
    );
    const { result, message } = await setup.inspect();
    expect(result).toBe('denied');
    expect(message).toContain('credentials from credential provider "prov" were sent and refused');
  });
});
