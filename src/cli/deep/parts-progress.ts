/** How far the check of parts has come, as the end of the line of progress: parts, bytes and the endpoint. */
import type { PartsProgress } from '../../resolve/parts/part.ts';
import { roughSize } from '../../util/text/size.ts';
import { clean } from '../../util/text/text.ts';

export interface PartsCounter extends PartsProgress {
  /** `; parts 12 of 40, 31.0 MiB of 120.4 MiB from mirror.corp:5000`; '' before there is anything to tell. */
  text(): string;
}

/** One for all images that are inspected at the same time. `reads`: the bytes of the parts are read. */
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
