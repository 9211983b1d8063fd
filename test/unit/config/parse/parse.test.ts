import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { type Configuration, defaultConfiguration } from '../../../../src/config/configuration.ts';
import { parseConfiguration } from '../../../../src/config/parse/parse.ts';
import { ConfigurationError } from '../../../../src/config/problem.ts';

const head = 'apiVersion: pratique.dev/v1alpha1\nkind: Configuration\n';

/** What an operator reads; empty when the text is good. */
function refusal(text: string): string {
  try {
    parseConfiguration(text, 'pratique.yaml');
    return '';
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
}

function parse(body: string): Configuration {
  return parseConfiguration(head + body, 'pratique.yaml');
}

describe('a valid configuration', () => {
  test('with no settings equals the defaults', () => {
    expect(parse('')).toEqual(defaultConfiguration());
  });

  test('has milliseconds and bytes for durations and sizes', () => {
    const { registry, cache, server } = defaultConfiguration();
    expect(registry).toMatchObject({
      endpointTimeout: 1_000,
      resolutionTimeout: 15_000,
      maxManifestBytes: 4_194_304,
    });
    expect(cache).toEqual({ tagTTL: 60_000, failureTTL: 5_000, maxStale: 86_400_000, maxEntries: 20_000 });
    expect(server.webhook.deadline).toBe(2_500);
  });

  test('has no mirrors and enforces by default', () => {
    const { mirrors, policy } = defaultConfiguration();
    expect(mirrors).toEqual({ nodeGroups: [], pathMap: {} });
    expect(policy).toMatchObject({
      mode: 'enforce',
      pin: 'pods',
      platforms: 'any',
      nodeAffinity: 'auto',
      pinOwners: 'builtin',
      skipLabel: 'auto',
      templates: [],
      namespaceLabel: 'tightenOnly',
    });
  });

  test('has parsed listen addresses', () => {
    const { server } = parse(
      'server: { metrics: { listen: "[::1]:0" }, engineApi: { listen: "unix:/run/p.sock" } }',
    );
    expect(server.metrics.listen).toEqual({ kind: 'tcp', host: '::1', port: 0 });
    expect(server.engineApi.listen).toEqual({ kind: 'unix', path: '/run/p.sock' });
    expect(defaultConfiguration().server.engineApi.listen).toBeNull();
  });

  test('keeps the Engine API to this machine, and to the credentials of its clients', () => {
    expect(defaultConfiguration().server.engineApi).toEqual({
      listen: null,
      allowRemote: false,
      ownCredentials: false,
    });
  });

  test.each(['127.0.0.1:2375', '127.8.8.8:2375', '[::1]:2375', 'localhost:2375', 'unix:/run/p.sock'])(
    'may serve the Engine API at %s',
    (listen) => {
      expect(parse(`server: { engineApi: { listen: "${listen}" } }`).server.engineApi.listen).not.toBeNull();
    },
  );

  test('may serve the Engine API to other machines if it says so', () => {
    const { server } = parse('server: { engineApi: { listen: ":2375", allowRemote: true } }');
    expect(server.engineApi.listen).toEqual({ kind: 'tcp', host: null, port: 2375 });
  });

  test('has the certificate source as one union', () => {
    const { server } = parse('server: { webhook: { tls: { mode: files, cert: tls.crt, key: tls.key } } }');
    expect(server.webhook.tls.source).toEqual({ mode: 'files', cert: 'tls.crt', key: 'tls.key' });
  });

  test('has only the keys of a rule that the file sets', () => {
    const { policy } = parse('policy: { rules: [ { images: ["docker.io/library/*"], mode: off } ] }');
    expect(policy.rules).toEqual([{ images: ['docker.io/library/*'], mode: 'off' }]);
  });

  test('accepts an unquoted containerd version', () => {
    expect(
      parse('mirrors: { containerd: { configPath: certs.d, version: 1.7 } }').mirrors.containerd,
    ).toEqual({
      configPath: 'certs.d',
      version: '1.7',
    });
  });

  test.each([
    ['a list', '[ .corp, 10.0.0.0/8 ]'],
    ['a text', '".corp, 10.0.0.0/8"'],
  ])('accepts noProxy as %s', (_, value) => {
    expect(
      parse(`registry: { proxy: { https: "http://proxy:3128", noProxy: ${value} } }`).registry.proxy,
    ).toEqual({
      https: 'http://proxy:3128',
      http: null,
      noProxy: ['.corp', '10.0.0.0/8'],
    });
  });

  test('has parsed platforms', () => {
    const { platforms } = parse('platforms: { required: [ linux/arm/v7 ] }');
    expect(platforms.required).toEqual([
      expect.objectContaining({ os: 'linux', architecture: 'arm', variant: 'v7' }),
    ]);
  });

  test('accepts a list shared by an anchor', () => {
    const { policy } = parse(
      'policy:\n  rules:\n  - { images: &apps [ "quay.io/a/*" ], mode: warn }\n  - { images: *apps, namespaces: [ x ] }\n',
    );
    expect(policy.rules[1]?.images).toEqual(['quay.io/a/*']);
  });
});

describe('an invalid configuration', () => {
  test('is rejected with all its problems at once, each with its position', () => {
    const text = `${head}policy:
  mdoe: warn
  mode: enforced
  rules:
    - images: "docker.io/*"
    - images: []
      onDenied: maybe
registry:
  endpointTimeout: 20s
  maxManifestBytes: 4mi
  hosts: { "registry.corp:5000": nowhere }
cache: { tagTTL: 60 }
controller: { workers: 0, interval: }
server: { webhook: { listen: 8443, tls: { mode: files, cert: a.pem } } }
`;
    expect(refusal(text).split('\n')).toEqual([
      'pratique.yaml:4:3: policy.mdoe: unknown key; did you mean "mode"?',
      'pratique.yaml:5:9: policy.mode: must be one of "enforce", "warn", "audit", "off", not "enforced"; did you mean "enforce"?',
      'pratique.yaml:7:15: policy.rules[0].images: must be a list, not "docker.io/*"',
      'pratique.yaml:8:7: policy.rules[1].images: must have at least 1 entry',
      'pratique.yaml:9:17: policy.rules[1].onDenied: must be one of "allow", "deny", not "maybe"',
      'pratique.yaml:12:21: registry.maxManifestBytes: "4mi" is not a size; write it like 512Ki, 4Mi or 1Gi',
      'pratique.yaml:13:34: registry.hosts["registry.corp:5000"]: "nowhere" is not an address to dial; write it like 10.0.0.5:5000 or [fd00::5]:5000',
      'pratique.yaml:14:18: cache.tagTTL: must be text such as "60s", not 60',
      'pratique.yaml:15:24: controller.workers: must be at least 1',
      'pratique.yaml:15:37: controller.interval: has no value; set one or remove the line',
      'pratique.yaml:16:30: server.webhook.listen: must be text such as ":8443", not 8443',
      'pratique.yaml:16:36: server.webhook.tls.key: required when mode is "files"',
    ]);
  });

  test.each([
    [
      'without apiVersion and kind',
      'policy: {}\n',
      'pratique.yaml:1:1: apiVersion: required: "pratique.dev/v1alpha1"\npratique.yaml:1:1: kind: required: "Configuration"',
    ],
    [
      'with an unknown apiVersion',
      'apiVersion: pratique.dev/v2\nkind: Configuration\n',
      'pratique.yaml:1:13: apiVersion: must be "pratique.dev/v1alpha1", not "pratique.dev/v2"',
    ],
    [
      'without content',
      '# nothing\n',
      'pratique.yaml:1:1: the file is empty; it requires apiVersion and kind',
    ],
    ['that is a list', '- a\n', 'pratique.yaml:1:1: must be a mapping, not a list'],
    [
      'with a duplicate key',
      `${head}log: {}\nlog: {}\n`,
      'pratique.yaml:4:1: duplicate key log; keep one of them',
    ],
    [
      'with a second document',
      `${head}---\nlog: {}\n`,
      'pratique.yaml:3:1: a second document starts here; a configuration is one document',
    ],
    [
      'with an unknown key that resembles none',
      `${head}cache: { size: 3 }\n`,
      'pratique.yaml:3:10: cache.size: unknown key; known keys here: tagTTL, failureTTL, maxStale, maxEntries',
    ],
    [
      'with text for a boolean',
      `${head}controller: { enabled: yes }\n`,
      'pratique.yaml:3:24: controller.enabled: must be "auto" or true or false, not "yes"',
    ],
    [
      'with a relative path in pathMap',
      `${head}mirrors: { pathMap: { etc: /host/etc } }\n`,
      'pratique.yaml:3:23: mirrors.pathMap.etc: invalid key: must be an absolute path',
    ],
    [
      'with an invalid platform',
      `${head}platforms: { required: [ "linux/*" ] }\n`,
      'pratique.yaml:3:26: platforms.required[0]: invalid platform "linux/*": wildcards are not supported; name one platform',
    ],
    [
      'with a certificate in mode self',
      `${head}server: { webhook: { tls: { cert: a.pem } } }\n`,
      'pratique.yaml:3:35: server.webhook.tls.cert: not used when mode is "self"; set mode to "files"',
    ],
    [
      'with an invalid proxy, whose password is not shown,',
      `${head}registry: { proxy: { https: "socks5://me:secret@proxy" } }\n`,
      'pratique.yaml:3:29: registry.proxy.https: not the URL of a proxy; write it like http://proxy.corp:3128',
    ],
    [
      'with control characters in a value',
      `${head}policy: { mode: "\\e[31mwarn" }\n`,
      'pratique.yaml:3:17: policy.mode: must be one of "enforce", "warn", "audit", "off", not "[31mwarn"',
    ],
  ])('%s is rejected with a message that says so', (_, text, message) => {
    expect(refusal(text)).toBe(message);
  });

  test.each(['__proto__', 'constructor', 'toString'])('does not accept the key %s', (key) => {
    expect(refusal(`${head}${key}: {}\n`)).toMatch(
      `pratique.yaml:3:1: ${key}: unknown key; known keys here: apiVersion`,
    );
    expect(refusal(`${head}policy: { ${key}: {} }\n`)).toMatch(`policy.${key}: unknown key`);
  });
});

describe('settings that contradict each other', () => {
  test.each([
    [
      'endpointTimeout longer than resolutionTimeout',
      'registry: { endpointTimeout: 20s }',
      'pratique.yaml:3:30: registry.endpointTimeout: 20s is longer than registry.resolutionTimeout (15s), which covers all endpoints; lower it or raise resolutionTimeout',
    ],
    [
      'deadline longer than resolutionTimeout',
      'server: { webhook: { deadline: 16s } }',
      'pratique.yaml:3:32: server.webhook.deadline: 16s is longer than registry.resolutionTimeout (15s), after which the webhook has nothing to wait for; lower it or raise resolutionTimeout',
    ],
    [
      'maxStale shorter than tagTTL',
      'cache: { maxStale: 5s }',
      'pratique.yaml:3:20: cache.maxStale: 5s is shorter than cache.tagTTL (1m), so no stale answer would ever be served; raise it, or set 0s to serve none',
    ],
    [
      'credential providers without binDir',
      'credentials: { execProviders: { config: p.yaml } }',
      'pratique.yaml:3:16: credentials.execProviders.binDir: required with config "p.yaml"; set both or neither',
    ],
    [
      'two mirror sources',
      'mirrors: { containerd: { configPath: c }, k3s: { registriesYaml: r } }',
      'pratique.yaml:3:43: mirrors.k3s: mirrors.containerd is also set; keep one of the two',
    ],
    [
      'two mirror sources in a node group',
      'mirrors: { nodeGroups: [ { name: a, nodeSelector: {}, crio: { registriesConf: c }, docker: { daemonJson: d } } ] }',
      'pratique.yaml:3:84: mirrors.nodeGroups[0].docker: mirrors.nodeGroups[0].crio is also set; keep one of the two',
    ],
    [
      'two node groups with the same name',
      'mirrors: { nodeGroups: [ { name: a, nodeSelector: {} }, { name: a, nodeSelector: {} } ] }',
      'pratique.yaml:3:65: mirrors.nodeGroups[1].name: "a" is also the name of mirrors.nodeGroups[0]; rename one of the two',
    ],
    [
      'containerd without configPath and configToml',
      'mirrors: { containerd: {} }',
      'pratique.yaml:3:12: mirrors.containerd: requires configPath or configToml',
    ],
    [
      'containerd with configPath and configToml',
      'mirrors: { containerd: { configPath: c, configToml: t } }',
      'pratique.yaml:3:53: mirrors.containerd.configToml: "t" conflicts with configPath "c"; keep the one that containerd uses',
    ],
  ])('%s is rejected with both values', (_, body, message) => {
    expect(refusal(`${head}${body}\n`)).toBe(message);
  });

  test('are reported beside problems of other sections', () => {
    expect(refusal(`${head}log: { levle: info }\ncache: { maxStale: 5s }\n`).split('\n')).toEqual([
      'pratique.yaml:3:8: log.levle: unknown key; did you mean "level"?',
      expect.stringContaining('pratique.yaml:4:20: cache.maxStale: 5s is shorter than'),
    ]);
  });

  test('maxStale 0s does not contradict tagTTL', () => {
    expect(parse('cache: { maxStale: 0s }').cache.maxStale).toBe(0);
  });
});

describe('a hostile file', () => {
  test('with an alias bomb is rejected', () => {
    const row = (name: string, of: string): string =>
      `${name}: &${name} [${Array(10).fill(of).join(', ')}]\n`;
    const bomb = row('a', 'x') + row('b', '*a') + row('c', '*b') + row('d', '*c') + row('e', '*d');
    expect(refusal(bomb)).toMatch(/^pratique\.yaml:1:1: aliases: Excessive alias count/);
  });

  test('with 20,000 nested lists is rejected with a short message', () => {
    const message = refusal('[ '.repeat(20_000));
    expect(message).toMatch(/^pratique\.yaml:1:\d+: not valid YAML/);
    expect(message.split('\n').length).toBeLessThanOrEqual(31);
  });

  test('never causes another error than ConfigurationError', () => {
    const line = fc.constantFrom(
      'policy:',
      '  mode: warn',
      '- a',
      'x: *y',
      '&y',
      '? [a]',
      '\t',
      '!!int z',
      '{',
      '"',
      'null:',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.string()), { maxLength: 12 }), (lines) => {
        expect(typeof refusal(head + lines.join('\n'))).toBe('string');
      }),
    );
  });
});

describe('the Engine API', () => {
  test.each([
    ':2375',
    '0.0.0.0:2375',
    '[::]:2375',
    '10.0.0.1:2375',
    'pratique.corp:2375',
    'localhost.corp:2375',
  ])('is rejected at %s, which other machines can reach', (listen) => {
    const message = refusal(`${head}server: { engineApi: { listen: "${listen}" } }`);
    expect(message).toContain('server.engineApi.listen');
    expect(message).toContain('allowRemote');
  });

  test('is rejected at a path that is too long for a socket, counted in bytes', () => {
    const listen = (path: string) => refusal(`${head}server: { engineApi: { listen: "unix:${path}" } }`);
    expect(listen(`/${'a'.repeat(106)}`)).toBe('');
    expect(listen(`/${'a'.repeat(107)}`)).toContain(
      'has 108 bytes; the path of a unix socket has at most 107',
    );
    expect(listen(`/${'ä'.repeat(54)}`)).toContain('has 109 bytes');
  });
});
