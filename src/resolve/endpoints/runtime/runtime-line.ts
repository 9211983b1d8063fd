/**
 * Lines of runtime versions: all versions of a line read mirror configurations and pull in the same way as the line's first
 * version.
 */
import { isAtLeast, parseRuntimeVersion } from './runtime-version.ts';

export type RuntimeProduct = 'containerd' | 'cri-o' | 'docker';

/** First version of each line, the newest line first; 0.0.0 covers all older versions. */
const lines: Readonly<Record<RuntimeProduct, readonly string[]>> = {
  containerd: ['2.2.0', '2.1.0', '2.0.0', '1.7.24', '1.7.16', '1.7.0', '1.6.32', '0.0.0'],
  'cri-o': ['1.35.0', '1.34.1', '1.31.0', '0.0.0'],
  docker: ['0.0.0'],
};

const products = Object.keys(lines) as readonly RuntimeProduct[];

/** All lines in the form that nodes report; each line of containerd also in k3s's build. */
export const runtimeLines: readonly string[] = products.flatMap((product) =>
  lines[product].flatMap((first) => {
    const line = `${product}://${first}`;
    return product === 'containerd' ? [line, `${line}-k3s`] : [line];
  }),
);

/**
 * Returns the line of a node's `containerRuntimeVersion`: `containerd://1.7.24-k3s` for `containerd://1.7.27-k3s1`. Returns
 * null if the runtime or its version is unknown.
 */
export function runtimeLineOf(runtime: string): string | null {
  const product = runtimeProduct(runtime);
  const version = parseRuntimeVersion(runtime);
  if (product === null || version === null) return null;
  const line = lines[product].find((first) => {
    const { major, minor, patch } = parseRuntimeVersion(first) ?? version;
    return isAtLeast(version, major, minor, patch);
  });
  const build = product === 'containerd' && runtime.includes('k3s') ? '-k3s' : '';
  return line === undefined ? null : `${product}://${line}${build}`;
}

/** Returns the product that a node's `containerRuntimeVersion` names; null for any other. */
export function runtimeProduct(runtime: string): RuntimeProduct | null {
  const [, product] = /^([a-z-]+):\/\//.exec(runtime) ?? [];
  return product === 'containerd' || product === 'cri-o' || product === 'docker' ? product : null;
}
