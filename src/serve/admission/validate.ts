/** `POST /validate`: the judgement's decision, with the verdict for the audit log. */
import type { Judgement } from '../../judge/judgement.ts';
import { findingsOf } from '../../judge/messages/denial.ts';
import { type AdmissionResponse, allowed, denied } from './respond.ts';

export function validation(uid: string, judgement: Judgement): AdmissionResponse {
  const { decision, reason, message, warnings, images } = judgement;
  const findings = findingsOf(images);
  const auditAnnotations = {
    verdict: `${decision} ${reason}`,
    ...(findings !== '' && { findings }),
  };
  const extras = { warnings, auditAnnotations };
  return decision === 'deny' ? denied(uid, message, extras) : allowed(uid, extras);
}
