import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { referenceIn } from '../../../../../src/judge/image/references.ts';
import { InvalidReference } from '../../../../../src/resolve/reference/error.ts';
import { objectName } from '../../../../../src/watch/controller/objects/object-name.ts';
import { anyText } from '../../../../kit/fakes/any-text.ts';

function nameOf(image: string): string {
  const reference = referenceIn(image);
  return objectName(image, reference instanceof InvalidReference ? null : reference);
}

describe('objectName', () => {
  test.each([
    ['nginx:1.27', /^nginx-1\.27-[0-9a-f]{10}$/],
    ['nginx', /^nginx-latest-[0-9a-f]{10}$/],
    ['registry.corp:5000/team/Web', /^registry\.corp-5000-team-web-[0-9a-f]{10}$/],
    ['registry.corp/a/b_c.d:V1.0-rc_1', /^b-c\.d-v1\.0-rc-1-[0-9a-f]{10}$/],
    [`web@sha256:${'ab12'.repeat(16)}`, /^web-ab12ab12ab12-[0-9a-f]{10}$/],
    [`corp/${'x'.repeat(90)}:1`, /^x{40}-[0-9a-f]{10}$/],
    ['//..//', /^image-[0-9a-f]{10}$/],
  ])('returns a name for %s', (image, name) => {
    expect(nameOf(image)).toMatch(name);
  });

  test('returns the same name for the same image, and others for others', () => {
    expect(nameOf('nginx')).toBe(nameOf('docker.io/library/nginx:latest'));
    expect(nameOf('nginx:1')).not.toBe(nameOf('corp/nginx:1'));
    expect(nameOf('nginx:a_b')).not.toBe(nameOf('nginx:a-b'));
  });

  test('returns a valid Kubernetes name for any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), anyText(), fc.string({ unit: fc.constantFrom('.', '-', 'a', '/', ':', 'A') })),
        (image) => {
          const name = nameOf(image);
          expect(name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
          expect(name.length).toBeLessThanOrEqual(51);
        },
      ),
    );
  });
});
