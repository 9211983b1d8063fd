/** Decoder of AdmissionReviews (`admission.k8s.io/v1`), which reads only the members that admission needs. */
import { isUtf8 } from 'node:buffer';
import { isTooDeep } from '../../document/json-depth.ts';
import {
  type GroupKind,
  groupKindOf,
  isWorkload,
  type WorkloadKinds,
} from '../../judge/workload/workload-kinds.ts';
import { clean } from '../../util/text/text.ts';
import { fields, isObject, text } from '../../util/unstructured.ts';
import type { AdmissionOperation } from './observer.ts';

export interface Review {
  /** Identifier that the response repeats. */
  readonly uid: string;
  readonly operation: Exclude<AdmissionOperation, 'UNKNOWN'>;
  readonly kind: GroupKind;
  /** Name of the subresource; '' if the request concerns the object itself. */
  readonly subResource: string;
  readonly namespace: string;
  readonly name: string;
  readonly dryRun: boolean;
  /** null if the object is deleted. */
  readonly object: unknown;
  readonly oldObject: unknown;
}

/**
 * Error of a body that is not a review that Pratique serves. The response is status 400 with this message.
 */
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
// Limit of the identifier in characters; a UUID has 36.
const maxUid = 128;

/** Decodes a body. Throws `ReviewError`. */
export function decodeReview(body: Buffer, kinds: WorkloadKinds): Review {
  const review = parse(body);
  if (!isObject(review) || review['kind'] !== 'AdmissionReview') {
    throw new ReviewError(
      'NotAReview',
      'the body is not an AdmissionReview: its kind must be "AdmissionReview"',
    );
  }
  if (review['apiVersion'] !== apiVersion) {
    const version = clean(text(review['apiVersion'])) || 'none';
    throw new ReviewError(
      'Version',
      `apiVersion must be ${apiVersion}, not ${version}; set admissionReviewVersions: [v1]`,
    );
  }
  return requestOf(fields(review['request']), kinds);
}

function requestOf(request: Readonly<Record<string, unknown>>, kinds: WorkloadKinds): Review {
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
    kind: kindOf(request['kind'], isObject(object) ? object : oldObject, kinds),
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
  if (isTooDeep(body))
    throw new ReviewError('TooDeep', 'the body is nested deeper than any Kubernetes object');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new ReviewError('NotJson', `the body is not JSON: ${clean((cause as Error).message)}`, { cause });
  }
}

/**
 * Returns the kind of the object. It prefers the request's kind: with `matchPolicy: Equivalent` the API
 * server has converted the object to it.
 */
function kindOf(requested: unknown, object: unknown, kinds: WorkloadKinds): GroupKind {
  const kind = isObject(requested)
    ? { group: text(requested['group']), kind: text(requested['kind']) }
    : groupKindOf(object);
  if (isWorkload(kind, kinds)) return kind;
  const name = clean([kind.group, kind.kind].filter((part) => part !== '').join('/')) || 'nothing';
  throw new ReviewError(
    'Kind',
    `request.kind is ${name}, which is neither a pod nor a known kind with a pod template; correct the webhook's rules`,
  );
}

function present(object: unknown): unknown {
  if (isObject(object)) return object;
  throw new ReviewError('NoObject', 'request.object is missing; it must be the pod');
}
