/** Pins over real sockets: a digest is proved at the endpoints that nodes would ask for it, whichever named it. */
import { describe, expect, test } from '@jest/globals';
import { Judge } from '../../../../src/judge/judge.ts';
import type { Judgement } from '../../../../src/judge/judgement.ts';
import { subjectOf } from '../../../../src/judge/subject.ts';
import { type PodContext, standalone } from '../../../../src/judge/cluster-context.ts';
import { templateOf } from '../../../../src/judge/workload/workload.ts';
import { anonymous } from '../../../../src/resolve/credentials/credential.ts';
import { deadlineIn } from '../../../../src/util/async/deadline.ts';
import { loadContainerdHosts } from '../../../../src/resolve/endpoints/containerd/hosts-toml/load-hosts.ts';
import { loadCrio } from '../../../../src/resolve/endpoints/crio/load-crio.ts';
import type { MirrorList } from '../../../../src/resolve/endpoints/endpoint.ts';
import { memoryFiles } from '../../../kit/fakes/memory-files.ts';
import { pod } from '../../../kit/fakes/pods.ts';
import type { Handler, ScriptedRegistry } from '../../../kit/fakes/scripted-registry.ts';
import { absent, asked, holding, html, multi } from '../../resolve/inspection/images.ts';
import { serving, stage } from '../../resolve/inspection/harness.ts';
import { allAt } from '../eligible-groups.ts';
import { policiesOf } from '../policies-of.ts';

const both = multi('amd64', 'arm64');
const has: Handler = holding({ tags: { '1': both } });
const lacks: Handler = () => absent;
/** What was read by tag is known: that the digest is there, too, costs no more than this. */
const byDigest = `HEAD manifests/${both.digest}`;

interface Asked {
  readonly judgement: Judgement;
  /** What the pod would carry, without the name. */
  readonly pinned: string;
}

interface Setting {
  /** Tag and digest as the pod has them. */
  readonly written?: string;
  readonly final?: boolean;
  readonly remembered?: PodContext['earlierDigest'];
}

async function judge(
  mirrors: MirrorList,
  name: string,
  { written = ':1', final = false, remembered = () => null }: Setting = {},
): Promise<Asked> {
  const { inspector } = stage(mirrors);
  const workload = templateOf(
    pod('web')
      .container(name + written, { name: 'web' })
      .build(),
  );
  if (!workload) throw new Error('a pod is a workload');
  const judgement = await new Judge(policiesOf()).judge({
    subject: { ...subjectOf(workload, 'default'), final },
    podContext: { ...standalone(anonymous, allAt(inspector)), earlierDigest: remembered },
    deadline: deadlineIn(10_000),
    purpose: 'admission',
  });
  return { judgement, pinned: judgement.images[0]?.pinned.slice(name.length) ?? '' };
}

const pinned = `:1@${both.digest}`;

describe('registries.conf', () => {
  interface Mirror {
    readonly registry: ScriptedRegistry;
    readonly from: string;
  }

  function conf(upstream: ScriptedRegistry, mirrors: readonly Mirror[], more = ''): MirrorList {
    const registriesConf = [
      `[[registry]]\nlocation = "${upstream.host}"\ninsecure = true\n${more}`,
      ...mirrors.map(
        ({ registry, from }) =>
          `[[registry.mirror]]\nlocation = "${registry.host}"\ninsecure = true\npull-from-mirror = "${from}"\n`,
      ),
    ].join('');
    return loadCrio(
      { registriesConf: 'registries.conf', dropIns: null, crioConf: null, version: 'auto', pathMap: {} },
      memoryFiles({ 'registries.conf': registriesConf }),
    );
  }

  test('a digest that a tag-only mirror named is proved at the upstream', async () => {
    const [mirror, upstream] = [await serving(has), await serving(has)];
    const list = conf(upstream, [{ registry: mirror, from: 'tag-only' }]);
    expect((await judge(list, `${upstream.host}/team/app`)).pinned).toBe(pinned);
    expect(asked(mirror.requests)).toEqual(['GET manifests/1']);
    expect(asked(upstream.requests)).toEqual([byDigest]);
  });

  test('there is no pin if only a tag-only mirror has the digest', async () => {
    const [mirror, upstream] = [await serving(has), await serving(lacks)];
    const list = conf(upstream, [{ registry: mirror, from: 'tag-only' }]);
    const asking = await judge(list, `${upstream.host}/team/app`);
    expect(asking.pinned).toBe(':1');
    expect(asking.judgement).toMatchObject({ decision: 'allow', reason: 'available' });
    expect(asking.judgement.notes).toEqual([
      expect.stringContaining(
        `is not pinned: its tag resolves to ${both.digest.slice(0, 19)}, and by that digest it does not exist`,
      ),
    ]);
  });

  test('an HTML page does not prove a digest', async () => {
    const [mirror, upstream] = [await serving(has), await serving(() => html)];
    const list = conf(upstream, [{ registry: mirror, from: 'tag-only' }]);
    expect((await judge(list, `${upstream.host}/team/app`)).pinned).toBe(':1');
    expect(asked(upstream.requests)).toEqual([byDigest, `GET manifests/${both.digest}`]);
  });

  test('a digest-only mirror proves what a tag-only mirror named, without a request to the blocked registry', async () => {
    const [tags, digests, upstream] = [await serving(has), await serving(has), await serving(has)];
    const mirrors = [
      { registry: digests, from: 'digest-only' },
      { registry: tags, from: 'tag-only' },
    ];
    const list = conf(upstream, mirrors, 'blocked = true\n');
    expect((await judge(list, `${upstream.host}/team/app`)).pinned).toBe(pinned);
    expect([asked(tags.requests), asked(digests.requests)]).toEqual([['GET manifests/1'], [byDigest]]);
    digests.handle(lacks);
    expect((await judge(list, `${upstream.host}/team/app`)).pinned).toBe(':1');
    expect(upstream.connections).toBe(0);
  });

  test('a digest that the upstream named is proved at the mirror that nodes ask first', async () => {
    const [mirror, upstream] = [await serving(has), await serving(has)];
    const list = conf(upstream, [{ registry: mirror, from: 'digest-only' }]);
    expect((await judge(list, `${upstream.host}/team/app`)).pinned).toBe(pinned);
    expect([asked(mirror.requests), asked(upstream.requests)]).toEqual([[byDigest], ['GET manifests/1']]);
  });
});

describe('hosts.toml', () => {
  interface Host {
    readonly registry: ScriptedRegistry;
    readonly capabilities: string;
  }

  function hosts(upstream: ScriptedRegistry, mirrors: readonly Host[]): MirrorList {
    const text = [
      `server = "${upstream.origin}"\n`,
      ...mirrors.map(
        ({ registry, capabilities }) => `[host."${registry.origin}"]\ncapabilities = ${capabilities}\n`,
      ),
    ].join('');
    return loadContainerdHosts(
      { configPath: 'certs.d', version: '2.1', pathMap: {} },
      memoryFiles({ [`certs.d/${upstream.host}/hosts.toml`]: text }),
    );
  }

  test('a pull-only mirror is not asked for the tag, and proves the pin of earlier pods that only it has', async () => {
    const moved = multi('amd64');
    const upstream = await serving(holding({ tags: { '1': moved } }));
    const pulls = await serving(has);
    const list = hosts(upstream, [{ registry: pulls, capabilities: '["pull"]' }]);
    const name = `${upstream.host}/team/app`;
    expect((await judge(list, name)).pinned).toBe(`:1@${moved.digest}`);
    expect(pulls.requests).toEqual([]);
    const remembered = () => both.digest;
    expect((await judge(list, name, { remembered })).pinned).toBe(pinned);
    expect(asked(pulls.requests)).toEqual([`GET manifests/${both.digest}`]);
    pulls.handle(lacks);
    expect((await judge(list, name, { remembered })).pinned).toBe(`:1@${moved.digest}`);
  });

  test('a pull-only mirror that has the digest alone is enough for a pod that names it', async () => {
    const [pulls, upstream] = [await serving(has), await serving(lacks)];
    const list = hosts(upstream, [{ registry: pulls, capabilities: '["pull"]' }]);
    const name = `${upstream.host}/team/app`;
    const final = { final: true };
    expect((await judge(list, name, { ...final, written: pinned })).judgement.decision).toBe('allow');
    expect((await judge(list, name, final)).judgement).toMatchObject({
      decision: 'deny',
      reason: 'not-found',
    });
    expect(asked(pulls.requests)).toEqual([`GET manifests/${both.digest}`]);
  });
});
