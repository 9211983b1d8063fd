/** `Platform` → specifier: containerd/platforms `Format` and `FormatAll`. Texts of a registry are not cleaned here. */
import type { Platform } from './platform.ts';

/** `linux/arm64/v9`; `unknown` without an os. */
export function formatPlatform(platform: Platform): string {
  if (platform.os === '') return 'unknown';
  return [platform.os, platform.architecture, platform.variant].filter((part) => part !== '').join('/');
}

/** With version and features: `windows(10.0.20348+win32k)/amd64`. `parsePlatform` reads it back. */
export function formatAll(platform: Platform): string {
  if (platform.os === '') return 'unknown';
  const features = [...new Set(platform.osFeatures)].filter((feature) => feature !== '').sort();
  const options = [platform.osVersion, ...features].map(encoded).join('+');
  return formatPlatform(options === '' ? platform : { ...platform, os: `${platform.os}(${options})` });
}

/** What would end an option early: the percent sign first of all. */
function encoded(option: string): string {
  return option.replace(/[%+()/]/g, encode);
}

function encode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
