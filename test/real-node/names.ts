/** Names of the registries of one row. */
import { domain, type VirtualRegistries } from '../kit/node/virtual-registries.ts';

/** Nothing listens there. */
const deadPort = 5999;

export interface Names {
  readonly id: string;
  readonly ca: string;
  readonly client: VirtualRegistries['client'];
  /** `NAME.registries.test` */
  host(name: string): string;
  /** With the port of plain HTTP. */
  plain(name: string): string;
  secure(name: string): string;
  expired(name: string): string;
  mutual(name: string): string;
  /** A port where connections are refused. */
  dead(name: string): string;
}

export function namesOf(id: string, registries: VirtualRegistries): Names {
  const host = (name: string) => `${name === 'origin' ? id : `${id}-${name}`}.${domain}`;
  const at = (port: number) => (name: string) => `${host(name)}:${port}`;
  return {
    id,
    ca: registries.ca,
    client: registries.client,
    host,
    plain: at(registries.plainPort),
    secure: at(registries.securePort),
    expired: at(registries.expiredPort),
    mutual: at(registries.mutualPort),
    dead: at(deadPort),
  };
}
