import { describe, expect, test } from '@jest/globals';
import {
  formatDenial,
  formatFindings,
  formatNotes,
  formatWarnings,
} from '../../../../src/judge/messages/denial.ts';
import type { ImageVerdict } from '../../../../src/judge/results.ts';
import type { UseKind } from '../../../../src/judge/workload/image-use.ts';
import { defaults } from '../policies-of.ts';

interface Changes extends Partial<Omit<ImageVerdict, 'use' | 'policy'>> {
  readonly container?: string;
  readonly kind?: UseKind;
  readonly image?: string;
  readonly mode?: 'enforce' | 'warn' | 'audit' | 'off';
}

function verdict({
  container = 'web',
  kind = 'container',
  image = 'nginx:1',
  mode = 'enforce',
  ...rest
}: Changes): ImageVerdict {
  return {
    use: { container, kind, pointer: '/spec/containers/0/image', image, pullPolicy: 'Always' },
    reference: null,
    policy: { ...defaults, mode },
    result: 'not-found',
    reason: null,
    decision: 'deny',
    fit: 'all',
    missingPlatforms: [],
    inspection: null,
    pinned: image,
    where: '',
    message: 'not there',
    notes: [],
    ...rest,
  };
}

const bytes = (text: string): number => Buffer.byteLength(text);

describe('formatDenial', () => {
  test.each<[Changes, string]>([
    [{}, 'container "web", image "nginx:1" (not-found): not there'],
    [{ kind: 'init' }, 'init container "web", image "nginx:1" (not-found): not there'],
    [{ kind: 'ephemeral' }, 'ephemeral container "web", image "nginx:1" (not-found): not there'],
    [{ kind: 'volume', container: 'volume:model' }, 'volume "model", image "nginx:1" (not-found): not there'],
    [
      { result: 'invalid', reason: 'Schema1' },
      'container "web", image "nginx:1" (invalid, Schema1): not there',
    ],
    [{ where: 'node group gpu' }, 'container "web", image "nginx:1" (not-found, node group gpu): not there'],
    [{ container: 'a\u001b[31m\nb' }, 'container "a [31m b", image "nginx:1" (not-found): not there'],
    [{ image: ' ' }, 'container "web", image " " (not-found): not there'],
    [{ image: 'nginx:1 ' }, 'container "web", image "nginx:1 " (not-found): not there'],
    [
      { message: 'does not exist. Check the tag.\nmirror m answered 404\nupstream u answered 404' },
      'container "web", image "nginx:1" (not-found): does not exist. Check the tag.\n  mirror m answered 404\n  upstream u answered 404',
    ],
  ])('%j: %s', (changes, wanted) => {
    expect(formatDenial([verdict(changes)])).toBe(wanted);
  });

  test('names all denied images, and no others', () => {
    const verdicts = [
      verdict({}),
      verdict({ container: 'db', image: 'db:1' }),
      verdict({ container: 'x', decision: 'warn' }),
    ];
    expect(formatDenial(verdicts)).toBe(
      '2 images are denied:\n' +
        '- container "web", image "nginx:1" (not-found): not there\n' +
        '- container "db", image "db:1" (not-found): not there',
    );
  });

  test('is empty if no image is denied', () => {
    expect(formatDenial([verdict({ decision: 'warn' }), verdict({ decision: 'allow' })])).toBe('');
  });

  test.each([1, 2, 3, 10, 19, 20, 50, 256])('%i long messages share 4 KiB', (count) => {
    const message = formatDenial(
      Array.from({ length: count }, (_, index) =>
        verdict({ container: `c${index}`, message: 'é'.repeat(9_000) }),
      ),
    );
    expect(bytes(message)).toBeLessThanOrEqual(4096);
    expect(bytes(message)).toBeGreaterThan(3_500);
    const named = message.match(/container "c\d+"/g)?.length ?? 0;
    expect(named).toBe(Math.min(count, 20));
    if (count > named) expect(message).toContain(`and ${count - named} more`);
  });
});

describe('formatWarnings', () => {
  test('has the results of admitted images, and the notes of all', () => {
    const verdicts = [
      verdict({ decision: 'warn' }),
      verdict({ container: 'db', decision: 'allow', message: '', notes: ['is not pinned: x'] }),
      verdict({ container: 'refused' }),
    ];
    expect(formatWarnings(verdicts)).toEqual([
      'container "web", image "nginx:1" (not-found): not there',
      'container "db", image "nginx:1" is not pinned: x',
    ]);
    expect(formatNotes(verdicts)).toEqual(['container "db", image "nginx:1" is not pinned: x']);
  });

  test('shortens digests so that the reason has room', () => {
    const image = `registry.example.com/shop/migrate:1.4.2@sha256:${'0123456789abcdef'.repeat(4)}`;
    const message = `could not be checked: mirror https://mirror.corp:5000/v2 answered 503. Try again.`;
    const refused = verdict({ image, message, result: 'unavailable' });
    const line = `(unavailable): could not be checked: mirror https://mirror.corp:5000/v2 answered 503. Try again.`;
    expect(formatDenial([refused])).toBe(`container "web", image "${image}" ${line}`);
    expect(formatWarnings([{ ...refused, decision: 'warn' }])).toEqual([
      `container "web", image "registry.example.com/shop/migrate:1.4.2@sha256:0123456789ab…" ${line}`,
    ]);
    expect(formatWarnings([verdict({ decision: 'warn', image: 'x'.repeat(9_000) })])[0]).toContain(
      'not there',
    );
  });

  test.each(['audit', 'off'] as const)('is empty in mode %s', (mode) => {
    expect(formatWarnings([verdict({ mode, decision: 'allow', notes: ['n'] })])).toEqual([]);
  });

  test('has at most 256 characters each and 4,096 in all', () => {
    const warnings = formatWarnings(
      Array.from({ length: 100 }, () => verdict({ decision: 'warn', message: 'm'.repeat(500) })),
    );
    expect(warnings.every((warning) => warning.length <= 256)).toBe(true);
    expect(warnings).toHaveLength(16);
  });
});

describe('formatFindings', () => {
  test('has every finding, whatever it led to, within 4 KiB', () => {
    expect(
      formatFindings([
        verdict({ decision: 'allow', mode: 'audit' }),
        verdict({ result: 'available', message: '' }),
      ]),
    ).toBe('container "web", image "nginx:1" (not-found): not there');
    expect(
      bytes(formatFindings(Array.from({ length: 50 }, () => verdict({ message: 'é'.repeat(999) })))),
    ).toBeLessThanOrEqual(4096);
  });
});
