/** Rows about lists of endpoints: who is asked, who is left, who decides. */
import {
  answersWith,
  contentType,
  digestHeader,
  forgetsDigests,
  headAnswers,
  redirectsTo,
  servesHtml,
} from '../../kit/node/faults.ts';
import { runnable } from '../../kit/node/runnable-images.ts';
import { mediaTypes } from '../../kit/registries/images.ts';
import { domain, type Fault } from '../../kit/node/virtual-registries.ts';
import type { Fill, Row } from '../row.ts';
import { listOf, mirrored, mirrorsOfDead } from './hosts-tomls.ts';

const image = (salt: string) => runnable('linux/amd64', { salt });
const older = (salt: string) => runnable('linux/amd64', { salt: `${salt}, older` });
const has: Fill = (host, { id }) => void host.add('app', '1', image(id)).add('unpinned', '1', image(id));
const hasOlder: Fill = (host, { id }) => void host.add('app', '1', older(id));
const hasNothing: Fill = () => undefined;

/** Has it, with a fault. */
function faulty(...faults: readonly Fault[]): Fill {
  return (host, { id }) =>
    void host
      .add('app', '1', image(id))
      .add('unpinned', '1', image(id))
      .with(...faults);
}

/** A mirror with a fault before an origin that has the image. */
function faultyMirror(
  id: string,
  title: string,
  expected: Row['expected'],
  ...faults: readonly Fault[]
): Row {
  return {
    id,
    title,
    hosts: { mirror: faulty(...faults), origin: has },
    hostsTomls: mirrored('mirror'),
    expected,
  };
}

/** A single registry with a fault. */
function faultyOrigin(
  id: string,
  title: string,
  expected: Row['expected'],
  ...faults: readonly Fault[]
): Row {
  return { id, title, hosts: { origin: faulty(...faults) }, expected };
}

export const mirrorRows: readonly Row[] = [
  {
    id: 'mirror-only',
    title: 'only the mirror has it',
    hosts: { mirror: has, origin: hasNothing },
    hostsTomls: mirrored('mirror'),
    expected: 'Running',
  },
  {
    id: 'mirror-lacks',
    title: 'the mirror lacks it, the registry has it',
    hosts: { mirror: hasNothing, origin: has },
    hostsTomls: mirrored('mirror'),
    expected: 'Running',
  },
  {
    id: 'mirror-behind',
    title: 'the mirror has an older one',
    hosts: { mirror: hasOlder, origin: has },
    hostsTomls: mirrored('mirror'),
    expected: 'Running',
  },
  {
    id: 'mirror-foreign',
    title: 'the mirror has it for arm64 only',
    hosts: {
      mirror: (host, { id }) => void host.add('app', '1', runnable('linux/arm64', { salt: id })),
      origin: has,
    },
    hostsTomls: mirrored('mirror'),
    expected: 'ExecFormatError',
  },
  {
    id: 'both-lack',
    title: 'mirror and registry lack it',
    hosts: { mirror: hasNothing, origin: hasNothing },
    hostsTomls: mirrored('mirror'),
    expected: 'PullFailed',
    says: /not found/,
  },
  {
    id: 'mirror-dead',
    title: 'the mirror is down',
    hosts: { origin: has },
    hostsTomls: (names) => ({ [names.plain('origin')]: listOf(names, [names.dead('mirror')]) }),
    expected: 'Running',
  },
  {
    id: 'registry-dead',
    title: 'the registry is down, the mirror has it',
    hosts: { mirror: has },
    hostsTomls: mirrorsOfDead('mirror'),
    image: (names) => `${names.dead('origin')}/app:1`,
    expected: 'Running',
  },
  {
    id: 'all-dead',
    title: 'mirror and registry are down',
    hostsTomls: (names) => ({
      [names.dead('origin')]: listOf(names, [names.dead('mirror')], names.dead('origin')),
    }),
    image: (names) => `${names.dead('origin')}/app:1`,
    expected: 'PullFailed',
    says: /connection refused/,
  },
  {
    id: 'unknown-host',
    title: 'a registry whose name is not known',
    image: () => 'registry.invalid/app:1',
    expected: 'PullFailed',
    says: /no such host|lookup/,
  },
  {
    id: 'second-mirror',
    title: 'the second of two mirrors has it',
    hosts: { first: hasNothing, second: has, origin: hasNothing },
    hostsTomls: mirrored('first', 'second'),
    expected: 'Running',
  },
  {
    id: 'one-nodes-mirror',
    title: 'only a mirror that the node with containerd 1.6 lists has it',
    hosts: { mirror: has, origin: hasNothing },
    hostsTomls: (names, runtime) => mirrored(...(runtime === '1.6' ? ['mirror'] : []))(names, runtime),
    expected: { '1.6': 'Running', '2': 'PullFailed' },
  },
  {
    id: 'other-nodes-mirror',
    title: 'only a mirror that the node with the newest containerd lists has it',
    hosts: { mirror: has, origin: hasNothing },
    hostsTomls: (names, runtime) => mirrored(...(runtime === '2' ? ['mirror'] : []))(names, runtime),
    expected: { '1.6': 'PullFailed', '2': 'Running' },
  },
  {
    id: 'pull-only',
    title: 'the mirror may not resolve tags, and has another image',
    hosts: { mirror: hasOlder, origin: has },
    hostsTomls: (names) => ({
      [names.plain('origin')]: listOf(names, [names.plain('mirror')]).replace(', "resolve"', ''),
    }),
    expected: 'Running',
  },
  {
    id: 'resolve-only',
    title: 'the only mirror may not pull',
    hosts: { mirror: has, origin: hasNothing },
    hostsTomls: (names) => ({
      [names.plain('origin')]: listOf(names, [names.plain('mirror')]).replace('"pull", ', ''),
    }),
    expected: 'PullFailed',
  },
  {
    id: 'server-only',
    title: 'hosts.toml with `server` alone, by plain HTTP',
    hosts: { origin: has },
    hostsTomls: (names) => ({ [names.plain('origin')]: `server = "http://${names.plain('origin')}"\n` }),
    expected: { '1.6': 'PullFailed', '2': 'Running' },
  },
  {
    id: 'path-mirror',
    title: 'a mirror below a path of its own',
    hosts: { mirror: (host, { id }) => void host.add('cache/app', '1', image(id)), origin: hasNothing },
    hostsTomls: (names) => ({
      [names.plain('origin')]:
        `server = "http://${names.plain('origin')}"\n[host."http://${names.plain('mirror')}/v2/cache"]\n  override_path = true\n`,
    }),
    expected: 'Running',
  },
  faultyMirror('mirror-500', 'the mirror answers 500', 'Running', answersWith(500)),
  faultyMirror('mirror-401', 'the mirror answers 401', 'Running', answersWith(401)),
  faultyMirror('mirror-403', 'the mirror answers 403', 'Running', answersWith(403)),
  faultyMirror('mirror-429', 'the mirror answers 429', 'Running', answersWith(429)),
  faultyOrigin('registry-500', 'the registry answers 500', 'PullFailed', answersWith(500)),
  faultyOrigin('registry-403', 'the registry answers 403', 'PullFailed', answersWith(403)),
  {
    id: 'redirect',
    title: 'a registry that leads to another',
    hosts: {
      origin: (host) => void host.with(redirectsTo(`http://redirect-elsewhere.${domain}:5000`)),
      elsewhere: has,
    },
    expected: 'Running',
  },
  {
    id: 'tag-without-digest',
    title: 'the mirror knows the tag and 404s its digest; the registry has another',
    hosts: {
      mirror: (host, { id }) => void host.add('app', '1', older(id)).with(forgetsDigests),
      origin: has,
    },
    hostsTomls: mirrored('mirror'),
    expected: 'PullFailed',
  },
  faultyMirror('html', 'the mirror answers a page of HTML', 'PullFailed', servesHtml),
  faultyMirror('type-text', 'the mirror answers with text/plain', 'PullFailed', contentType('text/plain')),
  faultyMirror(
    'type-json',
    'the mirror answers with application/json',
    'PullFailed',
    contentType('application/json'),
  ),
  faultyMirror('type-missing', 'the mirror answers without a Content-Type', 'PullFailed', contentType(null)),
  faultyMirror(
    'type-other',
    "the mirror names an OCI manifest docker's",
    'Running',
    contentType(mediaTypes.dockerManifest),
  ),
  faultyOrigin('head-404', 'HEAD answers 404, GET has it', 'PullFailed', headAnswers(404)),
  faultyOrigin('head-405', 'HEAD answers 405, GET has it', 'Running', headAnswers(405)),
  faultyMirror(
    'digest-malformed',
    'the mirror has a malformed Docker-Content-Digest',
    'PullFailed',
    digestHeader('sha256:x'),
  ),
  faultyMirror(
    'digest-wrong',
    'the mirror has a Docker-Content-Digest of something else',
    'PullFailed',
    digestHeader(`sha256:${'b'.repeat(64)}`),
  ),
  unpinned(
    faultyMirror(
      'malformed-unpinned',
      'the mirror has a malformed Docker-Content-Digest; no pin',
      'PullFailed',
      digestHeader('sha256:x'),
    ),
  ),
  unpinned(
    faultyMirror(
      'wrong-unpinned',
      'the mirror has a Docker-Content-Digest of something else; no pin',
      'PullFailed',
      digestHeader(`sha256:${'b'.repeat(64)}`),
    ),
  ),
  unpinned(
    faultyMirror(
      'text-unpinned',
      'the mirror answers with text/plain; no pin',
      'PullFailed',
      contentType('text/plain'),
    ),
  ),
  unpinned(
    faultyOrigin('head-404-unpinned', 'HEAD answers 404, GET has it; no pin', 'PullFailed', headAnswers(404)),
  ),
  unpinned({
    id: 'digest-404-unpinned',
    title: 'the mirror knows the tag and 404s its digest; no pin',
    hosts: {
      mirror: (host, { id }) => void host.add('unpinned', '1', older(id)).with(forgetsDigests),
      origin: has,
    },
    hostsTomls: mirrored('mirror'),
    expected: 'PullFailed',
  }),
];

/** The same in a repository that the policy does not pin. */
function unpinned(row: Row): Row {
  return { ...row, image: (names) => `${names.plain('origin')}/unpinned:1` };
}
