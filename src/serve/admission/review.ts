/** The body of a request → `Review`: AdmissionReview `admission.k8s.io/v1`, read by the few members that matter here. */
import { isUtf8 } from 'node:buffer';
import { fields, isObject, text } from '../../util/unstructured.ts';
import { type GroupKind, groupKindOf, isWorkload } from '../../judge/workload/workload.ts';
import { isTooDeep } from '../../document/json-depth.ts';
import { clean } from '../../util/text/text.ts';
import type { AdmissionOperation } from './observer.ts';

export interface Review {
  /** Echoed in the answer. */
  readonly uid: string;
  readonly operation: Exclude<AdmissionOperation, 'UNKNOWN'>;
  readonly kind: GroupKind;
  /** '' for the object itself. */
  readonly subResource: string;
  readonly namespace: string;
  readonly name: string;
  readonly dryRun: boolean;
  /** null in a deletion. */
  readonly object: unknown;
  readonly oldObject: unknown;
}

/** The body is no review that Pratique serves: 400, and the text says why. */
export class ReviewError extends Error {
  override readonly name = 'ReviewError';
  readonly code:
    | 'NotUtf8'
    | 'TooDeep'
    | 'NotJson'
    | 'NotAReview'
    | 'Version'
    | 'NoUid'
    | 'Operation'
    | 'Kind'
    | 'NoObject';
  constructor(code: ReviewError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const apiVersion = 'admission.k8s.io/v1';
const operations = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] as const;
// A UUID has 36.
const maxUid = 128;

/** Throws `ReviewError`. */
export function decodeReview(body: Buffer): Review {
  const review = parse(body);
  if (!isObject(review) || review['kind'] !== 'AdmissionReview') {
    throw new ReviewError('NotAReview', 'the body is no AdmissionReview: its kind must be "AdmissionReview"');
  }
  if (review['apiVersion'] !== apiVersion) {
    const version = clean(text(review['apiVersion'])) || 'none';
    throw new ReviewError(
      'Version',
      `apiVersion must be ${apiVersion}, not ${version}; set admissionReviewVersions: [v1]`,
    );
  }
  return requestOf(fields(review['request']));
}

function requestOf(request: Readonly<Record<string, unknown>>): Review {
  const uid = text(request['uid']);
  if (uid === '' || uid.length > maxUid) {
    throw new ReviewError('NoUid', `request.uid must be a text of 1 to ${maxUid} characters`);
  }
  const operation = operations.find((known) => known === request['operation']);
  if (!operation) {
    throw new ReviewError('Operation', `request.operation must be one of ${operations.join(', ')}`);
  }
  const { object, oldObject } = request;
  return {
    uid,
    operation,
    kind: kindOf(request['kind'], isObject(object) ? object : oldObject),
    subResource: text(request['subResource']),
    namespace: text(request['namespace']),
    name: text(request['name']),
    dryRun: request['dryRun'] === true,
    object: operation === 'CREATE' || operation === 'UPDATE' ? present(object) : null,
    oldObject,
  };
}

function parse(body: Buffer): unknown {
  if (!isUtf8(body)) throw new ReviewError('NotUtf8', 'the body is not UTF-8');
  if (isTooDeep(body)) throw new ReviewError('TooDeep', 'the body nests deeper than any Kubernetes object');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new ReviewError('NotJson', `the body is not JSON: ${clean((cause as Error).message)}`, { cause });
  }
}

/** The request's kind: with `matchPolicy: Equivalent` the object has been converted to it. */
function kindOf(requested: unknown, object: unknown): GroupKind {
  const kind = isObject(requested)
    ? { group: text(requested['group']), kind: text(requested['kind']) }
    : groupKindOf(object);
  if (isWorkload(kind)) return kind;
  const name = clean([kind.group, kind.kind].filter((part) => part !== '').join('/')) || 'nothing';
  throw new ReviewError(
    'Kind',
    `request.kind is ${name}: neither a pod nor a known kind with a pod template`,
  );
}

function present(object: unknown): unknown {
  if (isObject(object)) return object;
  throw new ReviewError('NoObject', 'request.object is missing: there is no pod to judge');
}
