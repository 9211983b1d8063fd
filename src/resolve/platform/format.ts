/**
 * Formatter of platforms as specifiers (containerd/platforms `Format` and `FormatAll`). It does not sanitize texts from a
 * registry.
 */
import type { Platform } from './platform.ts';

/** Formats a platform as `linux/arm64/v9`; `unknown` if it has no os. */
export function formatPlatform(platform: Platform): string {
  if (platform.os === '') return 'unknown';
  return [platform.os, platform.architecture, platform.variant].filter((part) => part !== '').join('/');
}

/** Formats a platform with version and features: `windows(10.0.20348+win32k)/amd64`. `parsePlatform` reads it back. */
export function formatAll(platform: Platform): string {
  if (platform.os === '') return 'unknown';
  const features = [...new Set(platform.osFeatures)].filter((feature) => feature !== '').sort();
  const options = [platform.osVersion, ...features].map(encoded).join('+');
  return formatPlatform(options === '' ? platform : { ...platform, os: `${platform.os}(${options})` });
}

/** Escapes characters that would end an option, and first of all the percent sign. */
function encoded(option: string): string {
  return option.replace(/[%+()/]/g, encode);
}

function encode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
