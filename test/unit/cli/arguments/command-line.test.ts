import { describe, expect, test } from '@jest/globals';
import { parseArguments } from '../../../../src/cli/arguments/command-line.ts';
import { UsageError } from '../../../../src/cli/io.ts';

const parse = (...argv: readonly string[]) => parseArguments(argv);

describe('parseArguments', () => {
  test('returns the arguments of inspect with their defaults', () => {
    expect(parse('inspect', 'nginx', 'redis')).toEqual({
      verb: 'inspect',
      config: null,
      mirrors: null,
      platforms: [],
      allEndpoints: false,
      deep: 'off',
      timeout: '30s',
      output: 'table',
      images: ['nginx', 'redis'],
    });
  });

  test('collects repeated options', () => {
    expect(parse('inspect', '--platform', 'linux/arm64', '--platform=linux/amd64', 'nginx')).toMatchObject({
      platforms: ['linux/arm64', 'linux/amd64'],
    });
  });

  test.each([[['-o', 'json']], [['-o=json']], [['-ojson']], [['--output', 'json']], [['--output=json']]])(
    'accepts %j for the output',
    (option) => {
      expect(parse('endpoints', ...option, 'nginx')).toMatchObject({ output: 'json' });
    },
  );

  test('takes the files behind -f as a shell expands a glob', () => {
    expect(parse('check', '-f', 'a.yaml', 'b.yaml', '-R', '-q', '-f=-')).toMatchObject({
      files: ['a.yaml', '-', 'b.yaml'],
      recursive: true,
      quiet: true,
    });
  });

  test.each([
    [['--deep', 'nginx'], 'exists', '60s'],
    [['--deep=read', 'nginx'], 'read', '60s'],
    [['--deep', '--timeout', '5s', 'nginx'], 'exists', '5s'],
  ])('takes the mode of %j', (argv, deep, timeout) => {
    expect(parse('inspect', ...argv)).toMatchObject({ deep, timeout, images: ['nginx'] });
  });

  test('takes what follows -- as arguments', () => {
    expect(parse('inspect', '--', '--odd')).toMatchObject({ images: ['--odd'] });
  });

  test.each([
    [[], 'no command given (pratique --help)'],
    [['inspekt'], "unknown command 'inspekt'; did you mean inspect? (pratique --help)"],
    [['inspect'], "missing required argument 'IMAGE' (pratique inspect --help)"],
    [['inspect', '--platfrom', 'x', 'a'], "unknown option '--platfrom'; did you mean --platform?"],
    [['inspect', '--timeout'], "option '--timeout <DURATION>' argument missing"],
    [['inspect', '-o', 'junit', 'a'], 'Allowed choices are table, json.'],
    [['check'], "required option '-f, --file <FILE>' not specified"],
    [['serve', 'now'], "too many arguments for 'serve'"],
    [['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish.'],
    [['inspect', '--\u001b[31m'], "unknown option '-- [31m'"],
  ])('rejects %j', (argv, message) => {
    expect(() => parseArguments(argv)).toThrow(UsageError);
    expect(() => parseArguments(argv)).toThrow(message);
  });

  test.each([['--help'], ['-h'], ['help']])('returns the help of all verbs for %s', (argument) => {
    const help = parse(argument);
    for (const verb of ['inspect', 'endpoints', 'check', 'serve', 'completion']) {
      expect(help).toMatchObject({
        verb: 'help',
        text: expect.stringMatching(new RegExp(`^  ${verb} `, 'm')),
      });
    }
  });

  test.each(['inspect', 'endpoints', 'check', 'serve', 'completion'])('returns the help of %s', (verb) => {
    const help = parse(verb, '--help');
    expect(help).toEqual(parse('help', verb));
    const { text } = help as { text: string };
    expect(text).toMatch(new RegExp(`^Usage: pratique ${verb} `));
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('returns the version for --version', () => {
    expect(parse('--version')).toEqual({ verb: 'version' });
  });
});
