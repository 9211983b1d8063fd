/** The `x-kubernetes-` extensions of JSON Schema that the ImageInspection uses, as metadata of its zod schema. */

/** The items are found by these members, which no two share. */
export function listMap(...keys: readonly string[]): Record<string, unknown> {
  return { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys };
}

/** No item twice. */
export const listSet: Record<string, unknown> = { 'x-kubernetes-list-type': 'set' };

export interface RuleDetails {
  readonly reason?: 'FieldValueRequired' | 'FieldValueInvalid' | 'FieldValueForbidden';
  readonly fieldPath?: string;
}

/** One rule in CEL; `self` is the value here. */
export function rule(cel: string, message: string, details: RuleDetails = {}): Record<string, unknown> {
  return { 'x-kubernetes-validations': [{ rule: cel, message, ...details }] };
}
