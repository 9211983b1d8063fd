/** Formatter of warnings, one line each. */
import type { Warning } from '../../resolve/warning.ts';
import { clean } from '../../util/text/text.ts';
import type { Output } from '../io.ts';
import { paint } from './table.ts';

export function warningLines(warnings: readonly Warning[], output: Output): string {
  return warnings
    .map(({ code, message, source }) => {
      const where = source === null ? '' : ` (${clean(source, 200)})`;
      return `${paint('warning', 'doubt', output)} ${code}: ${clean(message, 400)}${where}\n`;
    })
    .join('');
}
