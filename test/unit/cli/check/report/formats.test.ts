import { describe, expect, test } from '@jest/globals';
import { builtinKinds } from '../../../../../src/judge/workload/workload-kinds.ts';
import { readManifests } from '../../../../../src/cli/check/manifests.ts';
import type { CheckedWorkload } from '../../../../../src/cli/check/checked-workload.ts';
import { formatReport } from '../../../../../src/cli/check/report/report.ts';
import type { CheckFormat } from '../../../../../src/cli/arguments/arguments.ts';

const output = { write() {}, isTerminal: false, colour: false, width: null };
const manifest =
  'apiVersion: v1\nkind: Pod\nmetadata: {name: "p"}\nspec:\n  containers:\n  - name: c\n    image: nginx:1\n---\nkind: [\n';
const { workloads, problems } = readManifests(
  [{ source: './deploy/a&b.yaml', text: manifest }],
  builtinKinds,
);

function checked(decision: 'allow' | 'warn' | 'deny'): CheckedWorkload {
  const [workload] = workloads;
  if (!workload) throw new Error('no workload');
  const [use] = workload.workload.uses;
  const isBad = decision !== 'allow';
  const message = 'container "c", image "nginx:1" (not-found): does not <exist>, 100%';
  return {
    ...workload,
    namespace: 'default',
    isSkipped: false,
    judgement: {
      decision,
      message: decision === 'deny' ? message : '',
      warnings: decision === 'warn' ? [message] : [],
      patch: [],
      images: [{ use, result: isBad ? 'not-found' : 'available', reason: null, decision, pinned: 'nginx:1' }],
    } as unknown as CheckedWorkload['judgement'],
  };
}

const report = (format: CheckFormat, decision: 'allow' | 'warn' | 'deny', quiet = false) =>
  formatReport(format, { checked: [checked(decision)], problems }, quiet, output);

describe('reports of a denied pod and an unreadable document', () => {
  test('github has a command for each at its line, with escaped text', () => {
    expect(report('github', 'deny').split('\n')).toEqual([
      expect.stringMatching(
        /^::error file=\.\/deploy\/a&b\.yaml,line=\d+,title=pratique%3A unreadable::not valid YAML/,
      ),
      '::error file=./deploy/a&b.yaml,line=7,title=pratique%3A not-found::Pod default/p: container "c", image "nginx:1" (not-found): does not <exist>, 100%25',
      '',
    ]);
  });

  test('junit counts a failure and an error and escapes XML', () => {
    const xml = report('junit', 'deny');
    expect(xml).toContain('<testsuites tests="2" failures="1" errors="1" skipped="0">');
    expect(xml).toContain('file="./deploy/a&amp;b.yaml"');
    expect(xml).toContain('does not &lt;exist&gt;');
  });

  test('sarif has results with a relative URI and the line of the image', () => {
    const { version, runs } = JSON.parse(report('sarif', 'deny')) as {
      version: string;
      runs: { results: unknown[] }[];
    };
    expect(version).toBe('2.1.0');
    expect(runs[0]?.results[1]).toMatchObject({
      ruleId: 'not-found',
      level: 'error',
      locations: [
        { physicalLocation: { artifactLocation: { uri: 'deploy/a%26b.yaml' }, region: { startLine: 7 } } },
      ],
    });
  });

  test('table ends with a summary', () => {
    expect(report('table', 'deny')).toMatch(/\n1 object checked: 1 denied; 1 could not be read\n$/);
  });
});

test('a warning is reported at the line of its image', () => {
  expect(report('github', 'warn')).toContain(
    '::warning file=./deploy/a&b.yaml,line=7,title=pratique%3A warning::',
  );
});

test('quiet leaves out what is allowed', () => {
  expect(report('table', 'allow', true)).toBe('');
  expect(report('json', 'allow', true)).toBe('[]\n');
  expect(report('table', 'warn', true)).toContain('allowed with a warning');
});
