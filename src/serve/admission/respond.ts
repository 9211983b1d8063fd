/** The answers that an AdmissionReview can get, and their wire form. */
import type { PatchOperation } from '../../judge/patch/patch.ts';
import { clean, cutBytes } from '../../util/text/text.ts';

export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly reason: string; readonly message: string };
  readonly patchType?: 'JSONPatch';
  /** Base64 of the operations' JSON. */
  readonly patch?: string;
  readonly warnings?: readonly string[];
  /** The API server puts the webhook's name before each key. */
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/** What goes with any answer. */
export interface Extras {
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/** Bytes of the message of a denial. */
const maxMessage = 4096;

export function allowed(uid: string, extras: Extras = {}): AdmissionResponse {
  return { uid, allowed: true, ...present(extras) };
}

export function denied(uid: string, message: string, extras: Extras = {}): AdmissionResponse {
  const status = { code: 403, reason: 'Forbidden', message: cutBytes(message, maxMessage) };
  return { uid, allowed: false, status, ...present(extras) };
}

/** An empty patch is no patch. */
export function patched(
  uid: string,
  operations: readonly PatchOperation[],
  extras: Extras = {},
): AdmissionResponse {
  if (operations.length === 0) return allowed(uid, extras);
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
  return { uid, allowed: true, patchType: 'JSONPatch', patch, ...present(extras) };
}

/** Pratique itself failed; `answer` is what `onError` comes to. */
export function errored(uid: string, answer: 'allow' | 'warn' | 'deny', message: string): AdmissionResponse {
  if (answer === 'deny') {
    const status = { code: 500, reason: 'InternalError', message: cutBytes(message, maxMessage) };
    return { uid, allowed: false, status };
  }
  return allowed(uid, answer === 'warn' ? { warnings: [clean(message)] } : {});
}

export function encode(response: AdmissionResponse): string {
  return JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response });
}

function present({ warnings = [], auditAnnotations }: Extras): Extras {
  return { ...(warnings.length > 0 && { warnings }), ...(auditAnnotations && { auditAnnotations }) };
}
