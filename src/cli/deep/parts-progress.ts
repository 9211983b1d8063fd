/**
 * Progress of the check of parts: the number of parts, their bytes and the endpoint, shown at the end of the
 * progress line.
 */
import type { PartsProgress } from '../../resolve/parts/part.ts';
import { roughSize } from '../../util/text/size.ts';
import { clean } from '../../util/text/text.ts';

export interface PartsCounter extends PartsProgress {
  /**
   * Returns text such as `; parts 12 of 40, 31.0 MiB of 120.4 MiB from mirror.corp:5000`, and '' while no
   * part is planned.
   */
  text(): string;
}

/**
 * Creates one counter for all images that are inspected at the same time. `reads` is true if the content of
 * the parts is read.
 */
export function partsCounter(reads: boolean): PartsCounter {
  let [planned, checked, bytes, read, source] = [0, 0, 0, 0, ''];
  return {
    planned(parts, size) {
      planned += parts;
      bytes += size;
    },
    source(url) {
      source = URL.canParse(url) ? new URL(url).host : url;
    },
    read(size) {
      read += size;
    },
    checked({ kind }) {
      if (kind !== 'manifest') checked++;
    },
    text() {
      if (planned === 0) return '';
      const amount = reads ? `, ${roughSize(read)} of ${roughSize(bytes)}` : '';
      return `; parts ${checked} of ${planned}${amount}${source === '' ? '' : ` from ${clean(source, 64)}`}`;
    },
  };
}
