/** Placeholders that another component replaces with an image when a pod is created. */
import type { ImageUse } from './image-use.ts';
import { annotationOf, labelOf, type Workload } from './workload.ts';

/**
 * Returns true if the image is a placeholder: `auto` if Istio's labels or annotations announce an injection,
 * or the single space of OpenShift's image triggers. In a pod in its final state neither is replaced any
 * more.
 */
export function isPlaceholder({ image }: Pick<ImageUse, 'image'>, workload: Workload): boolean {
  return image === ' ' || (image === 'auto' && isInjected(workload));
}

function isInjected(workload: Workload): boolean {
  const inject = 'sidecar.istio.io/inject';
  if (labelOf(workload, inject) === 'true' || annotationOf(workload, inject) === 'true') return true;
  return (
    annotationOf(workload, 'inject.istio.io/templates') !== undefined ||
    labelOf(workload, 'istio.io/rev') !== undefined
  );
}
