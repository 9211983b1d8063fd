/** Proof of a digest, parts of an image, and the number of requests for each runtime. */
import { describe, expect, test } from '@jest/globals';
import type { Handler } from '../../../kit/fakes/scripted-registry.ts';
import {
  absent,
  asked,
  holding,
  image as imageOf,
  multi,
  serve,
  target,
} from '../../resolve/inspection/images.ts';
import { image, nodes, runtimes, verdict, warningCodes } from './harness.ts';

const both = multi('amd64', 'arm64');
const single = imageOf('amd64');
const config = single.parts[0];
const pinned = `registry.test/app/x@${both.digest}`;

/** Serves the tag, but no digest. */
const tagOnly: Handler = ({ url }) => {
  const [kind, name] = target(url);
  return kind === 'manifests' && name === '1' ? serve(both) : absent;
};
const byDigest: Handler = holding({ objects: [both] });
const nothing: Handler = () => absent;

test.each(Object.entries(runtimes))(
  'an equal image at two endpoints has its digest at both when all are queried, for %s',
  async (_name, runtime) => {
    const has: Handler = holding({ tags: { '1': both } });
    const setup = await nodes(runtime, { mirror: has, upstream: has, purpose: 'interactive' });
    const { attempts, warnings } = await setup.inspect(image, { allEndpoints: true });
    expect(attempts.map(({ digest }) => digest)).toEqual([both.digest, both.digest]);
    expect(warnings.map(({ code }) => code)).not.toContain('MirrorsInconsistent');
  },
);

describe('a digest that a mirror names and that nobody serves', () => {
  test('cannot be pulled by containerd, and a warning says so', async () => {
    const setup = await nodes(runtimes['containerd 2.1'], { mirror: tagOnly, upstream: nothing });
    const inspection = await setup.inspect();
    expect(verdict(setup, inspection)).toBe('unavailable/NodesRefuse');
    expect(warningCodes(inspection)).toEqual(['NodesRefuse']);
    expect((await setup.inspect(pinned)).result).toBe('not-found');
  });

  test('is pulled by CRI-O under its tag, but not by its digest', async () => {
    const setup = await nodes(runtimes['CRI-O'], { mirror: tagOnly, upstream: nothing });
    expect(verdict(setup, await setup.inspect())).toBe('available at M');
    expect((await setup.inspect(pinned)).result).toBe('not-found');
  });

  test('is not replaced by the digest of a later endpoint for containerd', async () => {
    const other = holding({ tags: { '1': multi('amd64') } });
    const setup = await nodes(runtimes['containerd 2.1'], { mirror: tagOnly, upstream: other });
    expect(verdict(setup, await setup.inspect())).toBe('unavailable/NodesRefuse');
  });

  test('is served by the upstream that has it, and the mirror is shown as lacking it', async () => {
    const setup = await nodes(runtimes['containerd 2.1'], { mirror: tagOnly, upstream: byDigest });
    const inspection = await setup.inspect();
    expect(verdict(setup, inspection)).toBe('available at U');
    expect(inspection.attempts.map(({ result }) => result)).toEqual(['not-found', 'available']);
  });

  test('is unknown while an endpoint that may serve it fails', async () => {
    const failing: Handler = () => ({ status: 503 });
    const setup = await nodes(runtimes['containerd 2.1'], { mirror: tagOnly, upstream: failing });
    expect(verdict(setup, await setup.inspect())).toBe('unavailable');
  });
});

describe('requests for a cold image', () => {
  const has = holding({ tags: { '1': both } });

  test('containerd: HEAD of the tag and GET by digest, which also proves the pin', async () => {
    const setup = await nodes(runtimes['containerd 2.1'], { mirror: has });
    await setup.inspect();
    await setup.inspect(pinned);
    expect(asked(setup.mirror.requests)).toEqual(['HEAD manifests/1', `GET manifests/${both.digest}`]);
  });

  test('CRI-O: GET of the tag, and one HEAD by digest before the first pin', async () => {
    const setup = await nodes(runtimes['CRI-O'], { mirror: has });
    await setup.inspect();
    await setup.inspect(pinned);
    await setup.inspect(`${image}@${both.digest}`);
    expect(asked(setup.mirror.requests)).toEqual(['GET manifests/1', `HEAD manifests/${both.digest}`]);
  });

  test('a single image costs its configuration in addition', async () => {
    const setup = await nodes(runtimes['containerd 2.1'], { mirror: holding({ tags: { '1': single } }) });
    await setup.inspect();
    expect(asked(setup.mirror.requests)).toHaveLength(3);
  });
});

describe('a configuration blob that only the upstream has', () => {
  const withoutBlobs = holding({ tags: { '1': single }, objects: [single] });
  const blobs = holding({ objects: config ? [config] : [] });

  test('is fetched from the upstream by containerd', async () => {
    const setup = await nodes(runtimes['containerd 2.1'], { mirror: withoutBlobs, upstream: blobs });
    expect(verdict(setup, await setup.inspect())).toBe('available at M');
  });

  test('ends the pull of CRI-O, which asks only the endpoint of the manifest', async () => {
    const setup = await nodes(runtimes['CRI-O'], { mirror: withoutBlobs, upstream: blobs });
    const inspection = await setup.inspect();
    expect(verdict(setup, inspection)).toBe('unavailable/NodesRefuse');
    expect(inspection.message).toContain(`config blob ${config?.digest}`);
    expect(setup.upstream.requests).toEqual([]);
  });

  test('makes the image incomplete where no endpoint is left', async () => {
    const setup = await nodes(runtimes['CRI-O'], { mirror: nothing, upstream: withoutBlobs });
    expect(verdict(setup, await setup.inspect())).toBe('not-found');
  });
});

describe('a body that does not match its digest', () => {
  test('ends the pull of containerd, which takes the first host that answers 200', async () => {
    const lying: Handler = (request) =>
      request.method === 'HEAD' ? serve(both) : { ...serve(both), body: multi('s390x').body };
    const setup = await nodes(runtimes['containerd 2.1'], { mirror: lying, upstream: byDigest });
    expect(verdict(setup, await setup.inspect())).toBe('unavailable/NodesRefuse');
  });
});
