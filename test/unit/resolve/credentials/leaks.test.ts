/** Credentials never leave for a host that they do not belong to: every byte that passed at a host is searched for every secret. */
import { describe, expect, test } from '@jest/globals';
import type { Answer, Handler } from '../../../kit/fakes/scripted-registry.ts';
import { hasTrace } from '../../../kit/fakes/traces.ts';
import { absent, holding, image, multi } from '../inspection/images.ts';
import { results } from '../inspection/harness.ts';
import { basic, containerd, crio, k3s, type Scene, type Seen, secrets, visit } from './scenario.ts';

// Where they are seen once everything that is keyed by the image, or by its host, was tried at these hosts.
const ofImage = (...hosts: string[]): Seen => ({
  explicit: hosts,
  pullSecret: hosts,
  node: hosts,
  exec: hosts,
});
// What hosts.toml gives for the mirror is shown unasked.
const ofMirrorFile: Seen = { header: ['mirror.test'], apiKey: ['mirror.test'], certificate: ['mirror.test'] };

const both = multi('amd64', 'arm64');
const has: Handler = holding({ tags: { '1': both } });

const to = (location: string): Answer => ({ status: 307, headers: { location } });
const demand = (challenge: string): Answer => ({
  status: 401,
  headers: { 'www-authenticate': challenge, 'set-cookie': 'session=1' },
});
const wantsPassword: Handler = () => demand('Basic realm="x"');
const wantsToken =
  (realm: string): Handler =>
  () =>
    demand(`Bearer realm="${realm}",service="s"`);

/** Behind a challenge for all but those with this `Authorization`. */
const behind =
  (guard: Handler, authorization: string, inside: Handler): Handler =>
  (request) =>
    request.headers.authorization === authorization ? inside(request) : guard(request);

/** A token server that takes this password and no other. */
const issuing = (password: string): Handler =>
  behind(
    () => ({ status: 401 }),
    basic(password),
    () => ({ body: { token: secrets.issued } }),
  );

// The last of all that is tried for the image.
const appByPassword = behind(wantsPassword, basic(secrets.appPassword), has);
const appByToken = behind(wantsToken('https://auth.test/token'), `Bearer ${secrets.issued}`, has);

describe('where each secret is seen, and nowhere else', () => {
  const scenes: Record<string, Scene & { readonly result: string; readonly seen: Seen }> = {
    'a mirror that does not have it, then the registry by password': {
      houses: { 'mirror.test': () => absent, 'app.test': appByPassword },
      result: 'not-found, available',
      seen: { ...ofMirrorFile, ...ofImage('app.test'), appPassword: ['app.test'] },
    },
    'a mirror that wants a password and takes none': {
      houses: { 'mirror.test': wantsPassword, 'app.test': appByPassword },
      result: 'unavailable/NodeCredentials, available',
      seen: {
        ...ofMirrorFile,
        mirrorPassword: ['mirror.test'],
        ...ofImage('app.test'),
        appPassword: ['app.test'],
      },
    },
    'the registry by token: the realm gets the passwords, the registry the tokens': {
      houses: {
        'mirror.test': () => absent,
        'app.test': appByToken,
        'auth.test': issuing(secrets.appPassword),
      },
      result: 'not-found, available',
      seen: {
        ...ofMirrorFile,
        ...ofImage('auth.test'),
        appIdentity: ['auth.test'],
        appPassword: ['auth.test'],
        appToken: ['app.test'],
        issued: ['app.test', 'auth.test'],
      },
    },
    'a mirror that names the token server of the registry': {
      houses: {
        'mirror.test': wantsToken('https://auth.test/token'),
        'app.test': wantsPassword,
        'auth.test': issuing(secrets.mirrorPassword),
      },
      result: 'unavailable/NodeCredentials, denied',
      seen: {
        ...ofMirrorFile,
        mirrorPassword: ['auth.test'],
        issued: ['mirror.test', 'auth.test'],
        ...ofImage('app.test'),
        appPassword: ['app.test'],
      },
    },
    'a realm in plain text': {
      houses: {
        'mirror.test': wantsToken('http://third.test/token'),
        'app.test': wantsToken('http://auth.test/token'),
        'third.test': issuing(secrets.mirrorPassword),
        'auth.test': issuing(secrets.appPassword),
      },
      result: 'malformed/Realm, malformed/Realm',
      seen: ofMirrorFile,
    },
    'a realm that redirects': {
      houses: {
        'mirror.test': () => absent,
        'app.test': wantsToken('https://auth.test/token'),
        'auth.test': () => to('https://third.test/token'),
        'third.test': () => ({ body: { token: secrets.issued } }),
      },
      // What is POSTed is not sent anywhere else, so that is the end of it.
      result: 'not-found, malformed/Token',
      seen: {
        ...ofMirrorFile,
        ...ofImage('auth.test'),
        appIdentity: ['auth.test'],
        appToken: ['app.test'],
        issued: ['app.test', 'third.test'],
      },
    },
    'a redirect to a third host, which wants a password': {
      houses: {
        'mirror.test': () => to('https://third.test/x'),
        'app.test': behind(wantsPassword, basic(secrets.appPassword), () => to('https://third.test/y')),
        'third.test': wantsPassword,
      },
      result: 'unavailable/NodeCredentials, denied/Redirect',
      seen: { ...ofMirrorFile, ...ofImage('app.test'), appPassword: ['app.test'] },
    },
    'a redirect to a third host, which wants a token': {
      houses: {
        'mirror.test': () => to('https://third.test/x'),
        'app.test': behind(appByToken, `Bearer ${secrets.issued}`, () => to('https://third.test/y')),
        'auth.test': issuing(secrets.explicit),
        'third.test': wantsToken('https://third.test/token'),
      },
      result: 'unavailable/NodeCredentials, denied/Redirect',
      seen: { ...ofMirrorFile, explicit: ['auth.test'], issued: ['app.test', 'auth.test'] },
    },
    'a redirect to another port of the same host': {
      houses: {
        'mirror.test': behind(wantsPassword, basic(secrets.mirrorPassword), () =>
          to('https://mirror.test:8443/x'),
        ),
        'mirror.test:8443': wantsPassword,
        'app.test': has,
      },
      result: 'unavailable/NodeCredentials, available',
      seen: { ...ofMirrorFile, mirrorPassword: ['mirror.test'] },
    },
    'a redirect away and home again': {
      houses: {
        'mirror.test': (request) =>
          request.url === '/home' ? wantsPassword(request) : to('https://third.test/x'),
        'third.test': () => to('https://mirror.test/home'),
        'app.test': has,
      },
      result: 'unavailable/NodeCredentials, available',
      seen: ofMirrorFile,
    },
    'a redirect to plain http of the same host': {
      houses: {
        'mirror.test': behind(wantsPassword, basic(secrets.mirrorPassword), () => to('http://mirror.test/x')),
        'app.test': has,
      },
      result: 'malformed/InsecureRedirect, available',
      seen: { ...ofMirrorFile, mirrorPassword: ['mirror.test'] },
    },
    'a manifest of the mirror whose config blob only the registry has': {
      houses: {
        'mirror.test': holding({ tags: { '1': image('amd64') }, objects: [] }),
        'app.test': behind(
          wantsPassword,
          basic(secrets.appPassword),
          holding({ tags: { '1': image('amd64') } }),
        ),
      },
      result: 'not-found, available',
      seen: { ...ofMirrorFile, ...ofImage('app.test'), appPassword: ['app.test'] },
    },
    "the configuration's server in the place of the registry": {
      mirrors: containerd('app.test', 'https://server.test'),
      houses: { 'mirror.test': () => absent, 'server.test': wantsPassword, 'app.test': has },
      result: 'not-found, denied',
      seen: { ...ofMirrorFile, ...ofImage('server.test') },
    },
    'the ways of the nodes: mirrors see what is keyed by image, redirect targets still do not': {
      kubeletMatching: true,
      houses: {
        'mirror.test': behind(wantsPassword, basic(secrets.mirrorPassword), () => to('https://third.test/x')),
        'third.test': wantsPassword,
        'app.test': appByPassword,
      },
      result: 'denied/Redirect, available',
      seen: {
        ...ofMirrorFile,
        mirrorPassword: ['mirror.test'],
        ...ofImage('mirror.test', 'app.test'),
        explicit: ['app.test'],
        appPassword: ['app.test'],
      },
    },
    'k3s: what is written for a host goes to it, rewritten repository or not': {
      mirrors: k3s,
      houses: {
        'mirror.test': wantsToken('https://auth.test/token'),
        'auth.test': () => ({ status: 401 }),
        'app.test': wantsPassword,
      },
      result: 'unavailable/NodeCredentials, denied',
      seen: {
        k3sMirror: ['auth.test'],
        mirrorPassword: ['auth.test'],
        k3sApp: ['app.test'],
        ...ofImage('app.test'),
        appPassword: ['app.test'],
      },
    },
    "CRI-O: a mirror at the registry's own host that falls back to plain text": {
      mirrors: crio,
      mute: ['app.test'],
      houses: { 'app.test': wantsPassword },
      result: 'denied, unavailable/ConnectionRefused',
      // The operator keyed the credential by the host, in plain text or not.
      seen: { appPassword: ['http://app.test'] },
    },
    'Docker Hub: its pull secret for its token server, which the mirror has none of': {
      mirrors: containerd('docker.io', 'https://registry-1.docker.io'),
      image: 'team/app:1',
      houses: {
        'mirror.test': wantsPassword,
        'registry-1.docker.io': behind(
          wantsToken('https://auth.docker.io/token'),
          `Bearer ${secrets.issued}`,
          has,
        ),
        'auth.docker.io': issuing(secrets.hub),
      },
      result: 'unavailable/NodeCredentials, available',
      seen: {
        ...ofMirrorFile,
        mirrorPassword: ['mirror.test'],
        explicit: ['auth.docker.io'],
        hub: ['auth.docker.io'],
        issued: ['registry-1.docker.io', 'auth.docker.io'],
      },
    },
  };

  test.each(Object.entries(scenes))('%s', async (_title, { result, seen, ...scene }) => {
    const { town, inspect } = await visit(scene);
    const inspection = await inspect();
    expect(results(inspection)).toBe(result);
    expect(town.seen(secrets)).toEqual(seen);
    const report = Buffer.from(JSON.stringify(inspection));
    for (const secret of Object.values(secrets)) expect(hasTrace(report, secret)).toBe(false);
  });
});

test.each([
  ['password', behind(wantsPassword, basic(secrets.pullSecret), has)],
  ['token', behind(wantsToken('https://auth.test/token'), `Bearer ${secrets.issued}`, has)],
])('the %s that let one pod in is not sent for another', async (_what, app) => {
  const houses = { 'mirror.test': () => absent, 'app.test': app, 'auth.test': issuing(secrets.pullSecret) };
  const { town, inspect } = await visit({ houses });
  expect(results(await inspect())).toBe('not-found, available');
  const { pullSecret, explicit, issued } = secrets;
  expect(town.seen({ pullSecret, explicit })).not.toEqual({});
  town.forget();
  expect(results(await inspect({}))).toMatch(/^not-found, denied/);
  expect(town.seen({ pullSecret, explicit, issued })).toEqual({});
});
