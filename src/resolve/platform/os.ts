/** Version and features of one operating system; whether it is the same one is for the caller to see. */
import type { Platform } from './platform.ts';
import { windowsVersionRuns } from './windows.ts';

/** `host` normalised. A version counts on Windows only: that of any other system says nothing about what runs on it. */
export function suitsOs(host: Platform, candidate: Platform): boolean {
  const windows = host.os === 'windows';
  if (windows && !windowsVersionRuns(host.osVersion, candidate.osVersion)) return false;
  // Images name win32k and hosts do not: upstream leaves it out of account on Windows.
  return candidate.osFeatures.every(
    (feature) => host.osFeatures.includes(feature) || (windows && feature === 'win32k'),
  );
}
