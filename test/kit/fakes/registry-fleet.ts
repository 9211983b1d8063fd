/** A handful of hosts on real sockets, each behind recorders, where secrets can be followed. */
import { type Authority, authority } from './certificates.ts';
import { type RecordingProxy, recordingProxy } from './recording-proxy.ts';
import { type Handler, scriptedRegistry } from './scripted-registry.ts';
import { hasTrace } from './traces.ts';

export interface Town extends AsyncDisposable {
  /** Dial addresses: every host answers at https and at http. */
  readonly hosts: ReadonlyMap<string, string>;
  readonly authority: Authority;
  /** Where each secret was seen: `mirror.test` over TLS, `http://mirror.test` in plain text. Those seen nowhere are left out. */
  seen(secrets: Readonly<Record<string, string>>): Record<string, readonly string[]>;
  /** Looks only at what comes from now on. */
  forget(): void;
  close(): Promise<void>;
}

/** What passed at one port of one host. */
interface Door {
  /** `mirror.test`, or `http://mirror.test`. */
  readonly label: string;
  readonly dialled: string;
  readonly proxy: RecordingProxy;
}

/** One host for every script, by its name and maybe its port: `mirror.test`, `mirror.test:8443`. Those in `mute` refuse https. */
export async function town(
  scripts: Readonly<Record<string, Handler>>,
  mute: readonly string[] = [],
): Promise<Town> {
  const ca = await authority();
  const names = Object.keys(scripts);
  const tls = await ca.leaf({ names: names.map((name) => name.replace(/:.*/, '')) });
  const doors: Door[] = [];
  const open = new AsyncDisposableStack();
  for (const [name, script] of Object.entries(scripts)) {
    const { port } = open.use(await scriptedRegistry(script));
    const secure = open.use(await recordingProxy(port, tls));
    const plain = open.use(await recordingProxy(port));
    doors.push({ label: name, dialled: name.includes(':') ? name : `${name}:443`, proxy: secure });
    doors.push({ label: `http://${name}`, dialled: `${name}:80`, proxy: plain });
    if (mute.includes(name)) await secure.close();
  }
  return {
    hosts: new Map(doors.map(({ dialled, proxy }) => [dialled, proxy.host])),
    authority: ca,
    seen(secrets) {
      const passed = doors.map(({ label, proxy }) => ({ label, bytes: proxy.bytes() }));
      const places = Object.entries(secrets).map(([name, secret]) => {
        const where = passed.filter(({ bytes }) => hasTrace(bytes, secret));
        return [name, where.map(({ label }) => label)] as const;
      });
      return Object.fromEntries(places.filter(([, labels]) => labels.length > 0));
    },
    forget() {
      for (const { proxy } of doors) proxy.forget();
    },
    close: () => open.disposeAsync(),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
