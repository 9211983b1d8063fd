/** The registries that the how-tos talk about: Docker Hub, a mirror, a company's own, one with a password, one that nobody trusts. */
import { hashSync } from 'bcryptjs';
import { artifact, type Image, multiArch, platform, single, withAttestations } from './images.ts';
import { authority } from '../fakes/certificates.ts';
import { type RegistryOptions, startRegistry } from './docker-registry.ts';
import { push, remove } from './push.ts';

export interface Corp extends AsyncDisposable {
  /** PEM of the authority that they are signed by. */
  readonly ca: string;
  /** What images and mirror configurations call them → `127.0.0.1:port`. */
  readonly hosts: Readonly<Record<string, string>>;
}

const ecr = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const login = { user: 'corp', password: 'secret' };
const everywhere = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'];

const web = multiArch(everywhere, { salt: 'web' });
const report = multiArch(['linux/amd64', 'linux/arm64'], { salt: 'report' });
const batch = multiArch(['linux/amd64', 'linux/arm64'], { salt: 'batch' });

/** What a registry has lost since it was pushed: by its garbage collection, or as a copy that stopped in the middle. */
interface Loss {
  readonly repository: string;
  readonly kind: 'manifests' | 'blobs';
  readonly digest: string | undefined;
}

const upstream: Readonly<Record<string, Image>> = {
  'library/nginx:1.27': multiArch(everywhere),
  'library/redis:7': withAttestations(['linux/amd64', 'linux/arm64']),
  'library/hello-world:latest': withAttestations(['linux/amd64', 'linux/arm64/v8']),
  'my-org/alpine:3.20': multiArch(everywhere, { salt: 'alpine' }),
  'shop/cart:3': multiArch(['linux/amd64', 'linux/arm64'], { salt: 'cart' }),
  'shop/legacy:2': multiArch(['linux/amd64']),
  'shop/edge:1': single(platform('linux/arm64')),
  'shop/web:4': web,
  'shop/report:2': report,
  'shop/batch:9': batch,
  'shop/chart:5': artifact('application/vnd.cncf.helm.chart.v1'),
};

const upstreamLost: readonly Loss[] = [
  { repository: 'shop/report', kind: 'blobs', digest: report.blobs[2]?.digest },
  { repository: 'shop/batch', kind: 'manifests', digest: batch.children[1]?.digest },
];

/** Filled once, on a machine that only pulled for itself. */
const mirror: Readonly<Record<string, Image>> = {
  'library/nginx:1.27': multiArch(['linux/amd64']),
  'shop/web:4': web,
};

const mirrorLost: readonly Loss[] = [web.blobs[2], web.blobs[4]].map((blob) => ({
  repository: 'shop/web',
  kind: 'blobs',
  digest: blob?.digest,
}));

const guarded: Readonly<Record<string, Image>> = { 'shop/pay:1': multiArch(everywhere, { salt: 'pay' }) };

export async function startCorp(): Promise<Corp> {
  const running = new AsyncDisposableStack();
  const [trusted, unknown] = [await authority('Corp CA'), await authority('Lab CA')];
  // Those that know no passwords do not look at them.
  const authorization = `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
  const target = (url: string) => ({ url, ca: trusted.cert, authorization });
  const start = async (
    names: readonly string[],
    images: typeof upstream = {},
    more: RegistryOptions = {},
    lost: readonly Loss[] = [],
  ) => {
    const tls = await trusted.leaf({ names: [...names, '127.0.0.1'] });
    const registry = running.use(await startRegistry({ tls, ...more }));
    for (const [name, image] of Object.entries(images)) {
      const [repository = '', tag = ''] = name.split(':');
      await push(target(registry.url), repository, tag, image);
    }
    for (const { repository, kind, digest = '' } of lost)
      await remove(target(registry.url), repository, kind, digest);
    return registry.host;
  };
  const htpasswd = `${login.user}:${hashSync(login.password, 4)}\n`;
  const hub = await start(['registry-1.docker.io', 'registry.corp', 'edge.corp'], upstream, {}, upstreamLost);
  const copies = await start(['mirror.corp'], mirror, {}, mirrorLost);
  const secret = await start(['private.corp', ecr], guarded, { htpasswd });
  const lab = await start([], {}, { tls: await unknown.leaf({ names: ['lab.corp'] }) });
  return {
    ca: trusted.cert,
    hosts: {
      'registry-1.docker.io': hub,
      'registry.corp': hub,
      'edge.corp': hub,
      'mirror.corp:5000': copies,
      'private.corp': secret,
      [ecr]: secret,
      'lab.corp': lab,
      // Nothing listens there.
      'down.corp': '127.0.0.1:1',
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
