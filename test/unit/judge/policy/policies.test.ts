import { describe, expect, test } from '@jest/globals';
import type { Mode, PolicyConfig } from '../../../../src/judge/policy/schema.ts';
import { modes, policiesOf } from '../policies-of.ts';

const shop = { name: 'shop', labels: {} };

describe('the first matching rule', () => {
  const { policyFor } = policiesOf({
    requireDigest: true,
    rules: [
      { images: ['docker.io/library/*'], namespaces: ['team-*'], mode: 'off' },
      { images: ['docker.io/library/*', 'quay.io/**'], mode: 'warn' },
      { namespaces: ['dev', 'test-*'], mode: 'audit', pin: 'off' },
      { images: ['docker.io/library/nginx'], mode: 'off' },
    ],
  });

  test.each<[string, string | null, Mode, string]>([
    ['team-a', 'docker.io/library/nginx', 'off', 'both lists match'],
    [
      'shop',
      'docker.io/library/nginx',
      'warn',
      'only one list of the first rule matches; an earlier rule wins',
    ],
    ['shop', 'quay.io/a/b', 'warn', 'the second glob of a list'],
    ['team-a', 'docker.io/team/app', 'enforce', 'no rule: the default'],
    ['test-1', 'ghcr.io/a', 'audit', 'a rule for namespaces holds for all images'],
    ['test-1', null, 'audit', 'and for what has no name'],
    ['shop', null, 'enforce', 'a rule with images never matches what has no name'],
  ])('in %s, %s: %s (%s)', (name, image, mode) => {
    expect(policyFor({ name, labels: {} }, image).mode).toBe(mode);
  });

  test('sets what it names and leaves the rest', () => {
    const policy = policyFor({ name: 'dev', labels: {} }, 'ghcr.io/a');
    expect(policy).toMatchObject({ mode: 'audit', pin: 'off', requireDigest: true, platforms: 'any' });
    expect(policy).not.toHaveProperty('namespaces');
  });
});

describe('the namespace label', () => {
  const pairs = modes.flatMap((mode) => modes.map((label) => [mode, label] as const));

  test.each(pairs)('default %s, label %s', (mode, label) => {
    const under = (namespaceLabel: PolicyConfig['namespaceLabel']): Mode =>
      policiesOf({ mode, namespaceLabel }).policyFor(
        { name: 'shop', labels: { 'pratique.dev/mode': label } },
        'docker.io/library/nginx',
      ).mode;
    expect(under('ignore')).toBe(mode);
    expect(under('honour')).toBe(label);
    expect(under('tightenOnly')).toBe(modes[Math.max(modes.indexOf(mode), modes.indexOf(label))]);
  });

  test('is compared with the mode of the rule, too', () => {
    const { policyFor } = policiesOf({ rules: [{ images: ['**'], mode: 'audit' }] });
    const labelled = { name: 'shop', labels: { 'pratique.dev/mode': 'warn' } };
    expect(policyFor(labelled, 'docker.io/library/nginx').mode).toBe('warn');
  });

  test.each(['Enforce', '', 'constructor'])('%j is not a mode and has no effect', (label) => {
    const { policyFor } = policiesOf({ mode: 'warn', namespaceLabel: 'honour' });
    expect(policyFor({ ...shop, labels: { 'pratique.dev/mode': label } }, null).mode).toBe('warn');
  });
});

describe('a namespace label without effect', () => {
  const ignored = (label: string | null, policy: Partial<PolicyConfig>) =>
    policiesOf(policy).ignoredLabel({
      name: 'shop',
      labels: label === null ? {} : { 'pratique.dev/mode': label },
    });

  test('is reported if its value is not a mode', () => {
    const wanted = { value: 'enforec', problem: 'unknown', mode: 'warn' };
    expect(ignored('enforec', { mode: 'warn' })).toEqual(wanted);
    expect(ignored('enforec', { mode: 'warn', namespaceLabel: 'honour' })).toEqual(wanted);
  });

  test('is reported if tightenOnly ignores it', () => {
    expect(ignored('off', { mode: 'audit' })).toEqual({ value: 'off', problem: 'weaker', mode: 'audit' });
    expect(
      ignored('warn', { mode: 'off', rules: [{ namespaces: ['shop'], mode: 'enforce' }] }),
    ).toMatchObject({
      problem: 'weaker',
      mode: 'enforce',
    });
  });

  test.each<[string, string | null, Partial<PolicyConfig>]>([
    ['there is none', null, { mode: 'enforce' }],
    ['it is stricter', 'enforce', { mode: 'warn' }],
    ['it is equal', 'warn', { mode: 'warn' }],
    ['labels may set any mode', 'off', { mode: 'enforce', namespaceLabel: 'honour' }],
    ['labels are ignored by configuration', 'enforec', { mode: 'enforce', namespaceLabel: 'ignore' }],
  ])('is not reported if %s', (_title, label, policy) => {
    expect(ignored(label, policy)).toBeNull();
  });
});
