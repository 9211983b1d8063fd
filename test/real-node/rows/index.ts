/** All rows of the table. */
import type { Row } from '../row.ts';
import { accessRows } from './access.ts';
import { imageRows } from './images.ts';
import { mirrorRows } from './mirrors.ts';
import { podRows } from './pods.ts';

export const rows: readonly Row[] = [...imageRows, ...mirrorRows, ...accessRows, ...podRows];
