/** Under which key a provider's response is kept: the kubelet's rule. */
import type { CacheKeyType } from './protocol.ts';

/** How widely responses made with a service account's token may be shared. */
export type TokenCacheType = 'ServiceAccount' | 'Token';

export interface CacheKey {
  readonly base: string;
  /** The service account is part of the key. */
  readonly serviceAccount: boolean;
  /** So is the token's hash. */
  readonly tokenHash: boolean;
}

/** `tokens` null: the provider was asked without a token. */
export function cacheKey(type: CacheKeyType, image: string, tokens: TokenCacheType | null): CacheKey {
  return { base: base(type, image), serviceAccount: tokens !== null, tokenHash: tokens === 'Token' };
}

/** The first part of an image's name, whatever it is. */
export function registryOf(image: string): string {
  return image.split('/', 1)[0] ?? '';
}

function base(type: CacheKeyType, image: string): string {
  switch (type) {
    case 'Image':
      return image;
    case 'Registry':
      return registryOf(image);
    case 'Global':
      return 'global';
    default:
      return type satisfies never;
  }
}
