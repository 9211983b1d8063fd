/** JSON Schema extensions of Kubernetes (`x-kubernetes-…`), as metadata of the ImageInspection's zod schema. */

/** Marks a list as a map, in which no two items share the values of `keys`. */
export function listMap(...keys: readonly string[]): Record<string, unknown> {
  return { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys };
}

/** Marks a list as a set, in which no item occurs twice. */
export const listSet: Record<string, unknown> = { 'x-kubernetes-list-type': 'set' };

export interface ValidationRuleDetails {
  readonly reason?: 'FieldValueRequired' | 'FieldValueInvalid' | 'FieldValueForbidden';
  readonly fieldPath?: string;
}

/** Adds one CEL validation rule, in which `self` is this value. */
export function validationRule(
  cel: string,
  message: string,
  details: ValidationRuleDetails = {},
): Record<string, unknown> {
  return { 'x-kubernetes-validations': [{ rule: cel, message, ...details }] };
}
