/** Paths into a configuration and their form in messages. */
import { clean } from '../../util/text/text.ts';

export type Path = readonly PropertyKey[];

/** Formats a path such as `policy.rules[0].mode` or `registry.hosts["registry.corp:5000"]`. */
export function formatPath(path: Path): string {
  return path.map(formatStep).join('').replace(/^\./, '');
}

function formatStep(step: PropertyKey): string {
  if (typeof step === 'number') return `[${step}]`;
  const name = String(step);
  return /^[A-Za-z_][\w-]{0,63}$/.test(name) ? `.${name}` : `["${clean(name, 64)}"]`;
}
