/** Bounded field types of the ImageInspection's schema. */
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
  names: 10,
  inspectNow: 64,
} as const;

export const textField = (max: number) => z.string().max(max);
export const instantField = () => z.iso.datetime({ offset: true }).max(40);
export const wordField = () => textField(64).regex(/^[A-Z][A-Za-z0-9]*$/);
export const digestField = () => textField(135).regex(/^sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})$/);
export const nameField = () => textField(253).regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
export const platformField = () => textField(128).min(1);
export const countField = () => z.int().min(0);

export const listField = <T extends z.ZodType>(
  item: T,
  max: number,
  type: Record<string, unknown>,
  description: string,
) => z.array(item).max(max).meta(type).default([]).describe(description);
export const atomicList = { 'x-kubernetes-list-type': 'atomic' };

/** Deeply read-only version of a parsed type. */
export type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;
