/** Compatibility of Windows containers with Windows hosts (containerd/platforms platform_windows_compat.go). */

// Builds of Windows Server 2022 and 2025. Since 2022 a host also runs containers of the previous long-term release.
// https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility
const ltsc2022 = 20348;
const ltsc2025 = 26100;

/**
 * Returns true if the host runs the container. Both are versions such as `10.0.20348.2227`. A host without a readable version
 * and a container without a version match all.
 */
export function windowsVersionRuns(hostVersion: string, containerVersion: string): boolean {
  const host = parseVersion(hostVersion);
  if (host === null || containerVersion === '') return true;
  const container = parseVersion(containerVersion);
  return (
    container !== null &&
    container.major === host.major &&
    container.minor === host.minor &&
    buildRuns(host.build, container.build)
  );
}

/** Returns true if a host with build `host` runs a container with build `container` of the same major.minor. */
function buildRuns(host: number, container: number): boolean {
  if (host < ltsc2022) return container === host;
  const oldest = host > ltsc2025 ? ltsc2025 : ltsc2022;
  return oldest <= container && container <= host;
}

interface WindowsVersion {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
}

/**
 * Returns null for fewer than three numbers, or numbers that exceed their fields. containerd/platforms has a zero version
 * then.
 */
function parseVersion(text: string): WindowsVersion | null {
  const match = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:\.|$)/.exec(text);
  if (!match) return null;
  const [major = 0, minor = 0, build = 0] = match.slice(1).map(Number);
  return major > 0xff || minor > 0xff || build > 0xffff ? null : { major, minor, build };
}
