/** One generated file: written, or with --check compared with what is committed. What is in it, its generator knows. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);

/** `path` from the project's root. With --check the process fails at its end where the file differs. */
export function generated(path: string, content: string): void {
  const file = new URL(path, root);
  if (!process.argv.includes('--check')) {
    mkdirSync(new URL('.', file), { recursive: true });
    writeFileSync(file, content);
  } else if (current(file) !== content) {
    console.error(`${path} is out of date: run hack/generated.sh`);
    process.exitCode = 1;
  }
}

function current(file: URL): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
