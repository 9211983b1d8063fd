/** Attacks by content: huge and crowded manifests, pods with too many images, registries that repeat credentials. */
import { admit } from '../../kit/pratique/admission.ts';
import type { Attack, AttackResult } from '../attack.ts';
import { podOf, sendHonestLoad } from '../honest-load.ts';
import { crowdedIndex, oddIndex, serveManifest, startHonestRegistry, startRegistry } from '../registries.ts';
import { resultOf } from '../result.ts';
import { startTarget } from '../target.ts';
import { honestLoad } from './connections.ts';

export const oddPlatforms: Attack = {
  id: 'A3',
  thrown: '120 images with indexes of nearly 4 MiB and 2,040 odd platforms each',
  isLong: true,
  async run(): Promise<AttackResult> {
    await using registry = await startHonestRegistry();
    await using hostile = await startRegistry(({ method, url }) => {
      const repository = /\/v2\/(.+)\/(?:manifests|blobs)\//.exec(url)?.[1] ?? '';
      return serveManifest(oddIndex(2_040, 900, repository))({
        method,
        url,
        headers: {},
        body: '',
        servername: null,
      });
    });
    await using target = await startTarget();
    const asked = (async () => {
      for (let index = 0; index < 120; index += 4) {
        const images = [0, 1, 2, 3].map((each) => `${hostile.host}/odd${index + each}/x:1`);
        await admit(target, '/validate', podOf(...images)).catch(() => null);
      }
    })();
    const honest = await sendHonestLoad(target, honestLoad(registry.host, 600, 20));
    await asked;
    return resultOf(target, honest, [], { maxMemoryMiB: 400 });
  },
};

export const tooManyImages: Attack = {
  id: 'A5',
  thrown: '257 different images in a pod, and 300 equal ones in another',
  isLong: false,
  async run(): Promise<AttackResult> {
    await using registry = await startHonestRegistry(1);
    await using target = await startTarget({ configuration: { policy: { mode: 'enforce' } } });
    const many = Array.from({ length: 257 }, (_, index) => `${registry.host}/team/none:${index}`);
    const equal = Array.from({ length: 300 }, () => `${registry.host}/team/app:0`);
    const denied = await admit(target, '/validate', podOf(...many));
    const allowed = await admit(target, '/validate', podOf(...equal));
    const failures: string[] = [];
    if (denied.allowed || !denied.message.includes('TooManyImages'))
      failures.push(`257 images: ${denied.allowed ? 'allowed' : denied.message.slice(0, 120)}`);
    if (!allowed.allowed) failures.push(`300 equal images: ${allowed.message.slice(0, 120)}`);
    if (
      target.serving.log.some(
        ({ event }) => event === 'admission-failed' || event === 'webhook-internal-error',
      )
    )
      failures.push('it was booked as an internal error');
    return resultOf(target, { answers: 2, late: 0, wrong: 0, lost: 0, latenciesMs: [] }, failures);
  },
};

export const crowdedManifests: Attack = {
  id: 'A14',
  thrown: '64 images whose manifests are 3.4 MiB with 300,000 keys',
  isLong: false,
  async run(): Promise<AttackResult> {
    await using registry = await startHonestRegistry();
    const bodies = new Map<string, Buffer>();
    await using hostile = await startRegistry((request) => {
      const repository = /\/v2\/(.+)\/manifests\//.exec(request.url)?.[1] ?? '';
      const body = bodies.get(repository) ?? crowdedIndex(300_000, repository);
      bodies.set(repository, body);
      return serveManifest(body)(request);
    });
    for (let index = 0; index < 64; index++) bodies.set(`c${index}/x`, crowdedIndex(300_000, `c${index}/x`));
    await using target = await startTarget();
    const images = Array.from({ length: 64 }, (_, index) => `${hostile.host}/c${index}/x:1`);
    const thrown = admit(target, '/validate', podOf(...images)).catch(() => null);
    const honest = await sendHonestLoad(target, { ...honestLoad(registry.host, 300, 100), lateMs: 1_000 });
    await thrown;
    // A busy machine adds its own delays to the 50 ms of the promise.
    return resultOf(target, honest, [], { maxLoopDelayMs: 250 });
  },
};

export const echoedCredentials: Attack = {
  id: 'A11',
  thrown: 'a registry that repeats the credentials in its errors, in ten forms',
  isLong: false,
  async run(): Promise<AttackResult> {
    const [user, password] = ['deployer', 'p%40ss/w+rd with=signs'];
    const basic = Buffer.from(`${user}:${password}`).toString('base64');
    const costumes = [
      password,
      basic,
      `Basic ${basic}`,
      encodeURIComponent(password),
      encodeURIComponent(`${user}:${password}`),
      Buffer.from(password).toString('base64'),
      Buffer.from(basic).toString('base64'),
      Buffer.from(password).toString('hex'),
      basic.replace(/=+$/, ''),
      password.toUpperCase(),
    ];
    let next = 0;
    await using hostile = await startRegistry(({ headers }) => {
      if (headers.authorization === undefined)
        return { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' }, body: { errors: [] } };
      const costume = costumes[next++ % costumes.length] ?? '';
      return { status: 403, body: { errors: [{ code: 'DENIED', message: `no access for ${costume}` }] } };
    });
    await using target = await startTarget({
      configuration: {
        credentials: { dockerConfig: 'docker.json' },
        policy: { mode: 'enforce', onDenied: 'deny' },
      },
      files: { 'docker.json': JSON.stringify({ auths: { [hostile.host]: { auth: basic } } }) },
    });
    const texts: string[] = [];
    for (let index = 0; index < costumes.length * 2; index++) {
      const answer = await admit(target, '/validate', podOf(`${hostile.host}/team/secret${index}:1`));
      texts.push(answer.message, ...answer.warnings);
    }
    texts.push(...target.serving.log.map((line) => JSON.stringify(line)), target.serving.stderr);
    const leaked = costumes.filter((costume) => texts.some((text) => text.includes(costume)));
    const failures = leaked.map((costume) => `told: form ${costumes.indexOf(costume) + 1}`);
    if (!texts.some((text) => text.includes('no access for')))
      failures.push("the registry's words were lost");
    return resultOf(
      target,
      { answers: costumes.length * 2, late: 0, wrong: 0, lost: 0, latenciesMs: [] },
      failures,
    );
  },
};
