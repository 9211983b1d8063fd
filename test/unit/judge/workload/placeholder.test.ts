import { describe, expect, test } from '@jest/globals';
import { isPlaceholder } from '../../../../src/judge/workload/placeholder.ts';
import { templateOf } from '../../../../src/judge/workload/workload.ts';
import { deployment, pod, type PodBuilder } from '../../../kit/fakes/pods.ts';

function placeholder(image: string, template: PodBuilder): boolean {
  const workload = templateOf(deployment('gateway', template));
  if (!workload) throw new Error('a Deployment is a workload');
  return isPlaceholder({ image }, workload);
}

describe('isPlaceholder', () => {
  const plain = () => pod('gateway').container('auto');

  test.each<[string, PodBuilder, boolean]>([
    ['without labels and annotations', plain(), false],
    ['with the injection label', plain().label('sidecar.istio.io/inject', 'true'), true],
    ['with the injection annotation', plain().annotation('sidecar.istio.io/inject', 'true'), true],
    ['with the label that forbids injection', plain().label('sidecar.istio.io/inject', 'false'), false],
    ['with an injection template', plain().annotation('inject.istio.io/templates', 'gateway'), true],
    ['with a revision label', plain().label('istio.io/rev', 'canary'), true],
  ])('takes "auto" %s: %s', (_title, template, wanted) => {
    expect(placeholder('auto', template)).toBe(wanted);
  });

  test.each([
    [' ', true],
    ['  ', false],
    ['', false],
    ['nginx', false],
    ['auto:1', false],
  ])('takes %j in an injected template: %s', (image, wanted) => {
    expect(placeholder(image, plain().label('istio.io/rev', 'canary'))).toBe(wanted);
  });
});
