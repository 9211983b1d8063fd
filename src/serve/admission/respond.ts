/** Responses to an AdmissionReview, and their wire form. */
import type { PatchOperation } from '../../judge/patch/patch.ts';
import type { Decision } from '../../judge/results.ts';
import { clean, cutBytes } from '../../util/text/text.ts';

export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly reason: string; readonly message: string };
  readonly patchType?: 'JSONPatch';
  /** Operations as JSON in base64. */
  readonly patch?: string;
  readonly warnings?: readonly string[];
  /** Annotations for the audit log. The API server prefixes each key with the webhook's name. */
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/** Optional parts of any response. */
export interface ResponseExtras {
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/** Limit of the message of a denial, in bytes. */
const maxMessage = 4096;

export function allowed(uid: string, extras: ResponseExtras = {}): AdmissionResponse {
  return { uid, allowed: true, ...present(extras) };
}

export function denied(uid: string, message: string, extras: ResponseExtras = {}): AdmissionResponse {
  const status = { code: 403, reason: 'Forbidden', message: cutBytes(message, maxMessage) };
  return { uid, allowed: false, status, ...present(extras) };
}

/**
 * Returns a response that allows the request with a patch. Without operations it has neither `patch` nor
 * `patchType`.
 */
export function patched(
  uid: string,
  operations: readonly PatchOperation[],
  extras: ResponseExtras = {},
): AdmissionResponse {
  if (operations.length === 0) return allowed(uid, extras);
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
  return { uid, allowed: true, patchType: 'JSONPatch', patch, ...present(extras) };
}

/** Returns the response to an internal error, by the decision of `onError`. */
export function errored(uid: string, decision: Decision, message: string): AdmissionResponse {
  if (decision === 'deny') {
    const status = { code: 500, reason: 'InternalError', message: cutBytes(message, maxMessage) };
    return { uid, allowed: false, status };
  }
  return allowed(uid, decision === 'warn' ? { warnings: [clean(message)] } : {});
}

export function encode(response: AdmissionResponse): string {
  return JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response });
}

function present({ warnings = [], auditAnnotations }: ResponseExtras): ResponseExtras {
  return { ...(warnings.length > 0 && { warnings }), ...(auditAnnotations && { auditAnnotations }) };
}
