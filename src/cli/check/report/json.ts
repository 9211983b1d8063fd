/** JSON form of one checked object, which the reference page "Command line" describes. */
import type { CheckedWorkload } from '../checked-workload.ts';

export function toJson({ source, workload, namespace, judgement }: CheckedWorkload): object {
  return {
    source,
    kind: workload.kind,
    namespace,
    name: workload.name,
    allowed: judgement.decision !== 'deny',
    message: judgement.message,
    warnings: judgement.warnings,
    patch: judgement.patch,
    images: judgement.images.map(({ use, pinned, result }) => ({
      container: use.container,
      pointer: use.pointer,
      image: use.image,
      pinned,
      result,
    })),
  };
}
