/** What a case of the table is: an image, endpoints in the order of a configuration, and a fault at one of them. Written out and run elsewhere. */
import type { Image } from '../kit/registries/images.ts';
import type { Variant } from './faults/variant.ts';

export const formats = ['hosts.toml', 'registries.conf'] as const;
export type Format = (typeof formats)[number];

export const faults = [
  '404',
  '401',
  '403',
  '429',
  '5xx',
  'reset',
  'silence',
  'redirect',
  'wrong digest',
  'HTML',
  'wrong scope',
  'media type',
  'token answer',
  'HEAD',
  'digest 404',
] as const;
export type Fault = (typeof faults)[number];

export const positions = ['first', 'middle', 'last'] as const;
export type Position = (typeof positions)[number];

export interface Cell {
  readonly format: Format;
  readonly fault: Fault;
  readonly position: Position;
}

export interface CaseEndpoint {
  /** `mirror 1`, …, `upstream`. */
  readonly name: string;
  readonly behaviour: 'misses' | 'fails' | 'serves';
  /** What it holds; the one that misses holds nothing. */
  readonly image: Image;
}

export interface Case {
  /** `hosts.toml / 404 / first / 3`; with the seed it says everything. */
  readonly id: string;
  readonly seed: string;
  readonly cell: Cell;
  readonly variant: Variant;
  /** Registry as the image names it; null: the upstream's own address. */
  readonly domain: string | null;
  readonly path: string;
  readonly by: 'tag' | 'digest' | 'tag and digest';
  readonly tag: string;
  /** In the order of the configuration, the upstream last. */
  readonly endpoints: readonly CaseEndpoint[];
}

export function cellName({ format, fault, position }: Cell): string {
  return `${format} / ${fault} / ${position}`;
}

/** The image as a pod would write it, `upstream` being the upstream's `host:port`. */
export function imageName(each: Case, upstream: string): string {
  const tag = each.by === 'digest' ? '' : `:${each.tag}`;
  const digest = each.by === 'tag' ? '' : `@${each.endpoints.at(-1)?.image.root.digest}`;
  return `${domainOf(each, upstream)}/${each.path}${tag}${digest}`;
}

export function domainOf(each: Case, upstream: string): string {
  return each.domain ?? upstream;
}
