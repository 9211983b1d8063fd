/** `POST /mutate`: the judgement's patch. It never denies: what the pod says in the end is for `/validate` to judge. */
import type { Judgement } from '../../judge/judgement.ts';
import { type AdmissionResponse, patched } from './respond.ts';

export function mutation(uid: string, { patch, notes }: Judgement): AdmissionResponse {
  return patched(uid, patch, { warnings: notes });
}
