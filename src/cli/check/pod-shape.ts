/** Checks of the shape of a pod or pod template, and the search for containers in objects of unknown kinds. */
import { type Fields, fields, isObject } from '../../util/unstructured.ts';

export interface ShapeProblem {
  /** JSON pointer within the object. */
  readonly pointer: string;
  readonly message: string;
}

const lists = ['containers', 'initContainers', 'ephemeralContainers'] as const;

/** Why no image can be judged: a pod without containers, or a member of a wrong kind. The API server rejects it too. */
export function podSpecProblem(pod: Fields, pointer: string): ShapeProblem | null {
  const at = `${pointer}/spec`;
  const name = at.slice(1).replaceAll('/', '.');
  if (!isObject(pod['spec'])) return { pointer: at, message: `${name} must be a mapping` };
  const spec = fields(pod['spec']);
  for (const list of lists) {
    const problem = listProblem(spec[list], `${at}/${list}`, `${name}.${list}`);
    if (problem) return problem;
  }
  const { containers } = spec;
  return Array.isArray(containers) && containers.length > 0
    ? null
    : { pointer: at, message: `${name}.containers is missing or empty` };
}

function listProblem(value: unknown, pointer: string, name: string): ShapeProblem | null {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value)) return { pointer, message: `${name} must be a list` };
  for (const [index, container] of value.entries()) {
    const at = { pointer: `${pointer}/${index}`, name: `${name}[${index}]` };
    if (!isObject(container)) return { pointer: at.pointer, message: `${at.name} must be a mapping` };
    const { image } = container;
    if (image !== undefined && image !== null && typeof image !== 'string') {
      return {
        pointer: `${at.pointer}/image`,
        message: `${at.name}.image must be text, not ${describe(image)}; put it in quotes`,
      };
    }
  }
  return null;
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return value !== null && typeof value === 'object' ? 'a mapping' : String(value);
}

/** true if a container with an image is somewhere in `value`: such an object makes pods. Aliases share values, so each is visited once. */
export function holdsContainers(value: unknown, visited = new Set<unknown>()): boolean {
  if (value === null || typeof value !== 'object' || visited.has(value)) return false;
  visited.add(value);
  return Object.entries(value).some(
    ([key, member]) => isContainers(key, member) || holdsContainers(member, visited),
  );
}

function isContainers(key: string, member: unknown): boolean {
  if (key === 'container') return typeof fields(member)['image'] === 'string';
  if (!(lists as readonly string[]).includes(key) || !Array.isArray(member)) return false;
  return member.some((container) => typeof fields(container)['image'] === 'string');
}
