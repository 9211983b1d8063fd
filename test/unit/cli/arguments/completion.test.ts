import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { parseArguments } from '../../../../src/cli/arguments/command-line.ts';

function scriptFor(shell: string): string {
  const args = parseArguments(['completion', shell]);
  if (args.verb !== 'completion') throw new Error('not a completion');
  return args.script;
}

/** The words that bash offers after `words`, the last of which is incomplete. */
function complete(...words: readonly string[]): readonly string[] {
  const list = ['pratique', ...words].map((word) => `'${word}'`).join(' ');
  const run = `COMP_WORDS=(${list}); COMP_CWORD=${words.length}; _pratique; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync('bash', ['-c', `${scriptFor('bash')}\n${run}`], {
    cwd: '/proc/self/task',
    encoding: 'utf8',
  });
  return output.trim().split('\n');
}

describe('the bash script', () => {
  test('completes verbs', () => {
    expect(complete('in')).toEqual(['inspect']);
    expect(complete('')).toEqual(
      expect.arrayContaining(['check', 'completion', 'endpoints', 'serve', '--version']),
    );
  });

  test('completes the options of a verb', () => {
    expect(complete('inspect', '--p')).toEqual(['--platform']);
    expect(complete('serve', '--p')).toEqual(['']);
  });

  test('completes the values of an option', () => {
    expect(complete('check', '-o', 's')).toEqual(['sarif']);
    expect(complete('inspect', '--output', '')).toEqual(['table', 'json']);
  });

  test('completes shells', () => {
    expect(complete('completion', 'z')).toEqual(['zsh']);
  });
});

test.each(['zsh', 'fish'])('the %s script names every verb and option', (shell) => {
  const script = scriptFor(shell);
  for (const word of [
    'inspect',
    'endpoints',
    'check',
    'serve',
    'all-endpoints',
    'recursive',
    'sarif',
    'mirrors',
  ]) {
    expect(script).toContain(word);
  }
});
