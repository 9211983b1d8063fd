/** Cache key of a credential provider's response, by the kubelet's rules. */
import type { CacheKeyType } from './protocol.ts';

/** Scope within which responses made with a service account's token may be shared. */
export type TokenCacheType = 'ServiceAccount' | 'Token';

export interface CacheKey {
  readonly base: string;
  /** True if the service account is part of the key. */
  readonly serviceAccount: boolean;
  /** True if the token's hash is part of the key. */
  readonly tokenHash: boolean;
}

/** Returns the key. `tokens` is null if the provider was called without a token. */
export function cacheKey(type: CacheKeyType, image: string, tokens: TokenCacheType | null): CacheKey {
  return { base: base(type, image), serviceAccount: tokens !== null, tokenHash: tokens === 'Token' };
}

/** Returns the first component of an image name. */
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
