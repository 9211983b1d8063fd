/** Kinds of fields that the ImageInspection is made of, each bounded. */
import { z } from 'zod';

export const limits = {
  image: 1_024,
  platforms: 64,
  pins: 32,
  running: 16,
  endpoints: 16,
  credentials: 16,
  secrets: 32,
  message: 4_096,
} as const;

export const text = (max: number) => z.string().max(max);
export const instant = () => z.iso.datetime({ offset: true }).max(40);
export const word = () => text(64).regex(/^[A-Z][A-Za-z0-9]*$/);
export const digest = () => text(135).regex(/^sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})$/);
export const name = () => text(253).regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
export const platform = () => text(128).min(1);
export const count = () => z.int().min(0);

export const list = <T extends z.ZodType>(
  item: T,
  max: number,
  type: Record<string, unknown>,
  description: string,
) => z.array(item).max(max).meta(type).default([]).describe(description);
export const atomic = { 'x-kubernetes-list-type': 'atomic' };

/** As it is passed on: nobody changes what was read. */
export type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;
