/**
 * Definition of the command line: every command with its options. Parsing, help and completion are derived
 * from it.
 */
import { Argument, Command, CommanderError, Option } from 'commander';
import { clean } from '../../util/text/text.ts';
import { UsageError } from '../io.ts';
import { type Arguments, checkFormats, type Shell, shells, tableFormats } from './arguments.ts';
import { completionScript } from './completion.ts';

type Accept = (args: Arguments) => void;

/** Parses the arguments. Throws `UsageError` with the mistake and the command that shows more. */
export function parseArguments(argv: readonly string[]): Arguments {
  let accepted: Arguments | null = null;
  let text = '';
  const program = createProgram(
    (args) => {
      accepted = args;
    },
    (written) => {
      text += written;
    },
  );
  try {
    program.parse(withDeepValue(argv), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { verb: 'help', text };
    if (!accepted) throw usageError(program, argv, error);
  }
  if (!accepted) throw new Error('a command of the definition has no action');
  return accepted;
}

/**
 * Inserts the value that a lone `--deep` implies; otherwise commander would take the image after it for the
 * value.
 */
function withDeepValue(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return argv.map((arg, index) => (arg === '--deep' && (end < 0 || index < end) ? '--deep=exists' : arg));
}

/**
 * Converts an error of commander, whose messages start with `error: ` and have a suggestion on a separate
 * line.
 */
function usageError(program: Command, argv: readonly string[], error: CommanderError): UsageError {
  const verb = program.commands.find((command) => command.name() === argv[0])?.name();
  const help = ['pratique', verb, '--help'].filter((word) => word !== undefined).join(' ');
  if (error.code === 'commander.help') return new UsageError(`no command given (${help})`);
  const message = error.message.replace(/^error: /, '').replace(/\n\(D(.*)\)$/s, '; d$1');
  return new UsageError(`${clean(message, 400)} (${help})`, { cause: error });
}

function createProgram(accept: Accept, write: (text: string) => void): Command {
  const program = new Command('pratique')
    .description('Checks container images as the nodes would pull them.')
    .usage('COMMAND [OPTIONS]')
    .option('--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .addHelpText(
      'after',
      `
Configuration: --config FILE, else $PRATIQUE_CONFIG, else the defaults (no
mirrors, any platform).
Exit status: 0 good; 1 refused; 2 usage or configuration; 3 a registry could
not be asked; 130 interrupted.`,
    )
    .on('option:version', () => accept({ verb: 'version' }))
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr() {} });
  addInspect(program, accept);
  addEndpoints(program, accept);
  addCheck(program, accept);
  addServe(program, accept);
  addCompletion(program, accept);
  for (const command of program.commands) command.copyInheritedSettings(program);
  return program;
}

function addInspect(program: Command, accept: Accept): void {
  interface Options extends SharedOptions<(typeof tableFormats)[number]> {
    readonly platform?: readonly string[];
    readonly allEndpoints?: boolean;
    readonly deep?: 'exists' | 'read';
    readonly timeout?: string;
  }
  addVerb(program, 'inspect', 'ask the registries, mirrors first, as a node would')
    .argument('<IMAGE...>', 'images as in a pod')
    .addOption(repeatable('--platform <P>', 'required platform (linux/arm64); replaces platforms.required'))
    .option('--all-endpoints', 'ask every endpoint instead of stopping at the first that serves the image')
    .addOption(
      new Option(
        '--deep [read]',
        'look for every configuration and layer where the node would get it; --deep=read also reads them',
      ).choices(['exists', 'read']),
    )
    .addOption(text('--timeout <DURATION>', 'time for each image (default: 30s; 60s with --deep)'))
    .addOption(outputOption(tableFormats))
    .addHelpText(
      'after',
      `
Exit status: 0 all available; 1 some image is not; 2 usage; 3 some could not be
asked and none is worse.

  pratique inspect nginx:1.27 --platform linux/arm64
  pratique inspect --all-endpoints -o json registry.corp:5000/team/app:3
  pratique inspect --deep --platform linux/amd64 registry.corp:5000/team/app:3`,
    )
    .action((images: readonly string[], options: Options) => {
      const { platform: platforms = [], allEndpoints = false, deep = 'off', output } = options;
      const timeout = options.timeout ?? (deep === 'off' ? '30s' : '60s');
      const shared = configurationArguments(options);
      accept({ verb: 'inspect', ...shared, platforms, allEndpoints, deep, timeout, output, images });
    });
}

function addEndpoints(program: Command, accept: Accept): void {
  addVerb(program, 'endpoints', "show a node's endpoint list for an image and the source of each entry")
    .argument('<IMAGE...>', 'images as in a pod')
    .addOption(outputOption(tableFormats))
    .addHelpText(
      'after',
      '\nSends no packet. Exit status: 0 all parsed; 1 an image cannot be parsed; 2 usage.',
    )
    .action((images: readonly string[], options: SharedOptions<(typeof tableFormats)[number]>) => {
      accept({
        verb: 'endpoints',
        ...configurationArguments(options),
        output: options.output,
        images,
      });
    });
}

function addCheck(program: Command, accept: Accept): void {
  interface Options extends SharedOptions<(typeof checkFormats)[number]> {
    readonly file: readonly string[];
    readonly recursive?: boolean;
    readonly quiet?: boolean;
  }
  addVerb(program, 'check', 'show what admission would decide about the pods in manifests')
    .argument('[FILE...]', 'more files, as a shell expands -f *.yaml')
    .addOption(
      repeatable(
        '-f, --file <FILE>',
        'YAML or JSON manifests, a folder, or - for stdin',
      ).makeOptionMandatory(),
    )
    .option('-R, --recursive', 'read folders below the given ones')
    .option('-q, --quiet', 'print only what is denied, warned of, or could not be read')
    .addOption(outputOption(checkFormats))
    .addHelpText(
      'after',
      `
Files may contain several documents, Lists, and Namespaces, whose labels apply
to the objects in them.
Exit status: 0 none denied; 1 some denied; 2 usage, or a document could not be
read (the others are checked).

  kubectl kustomize overlays/prod | pratique check -f -`,
    )
    .action((more: readonly string[], options: Options) => {
      const { file, recursive = false, quiet = false, output } = options;
      const shared = configurationArguments(options);
      accept({ verb: 'check', ...shared, output, files: [...file, ...more], recursive, quiet });
    });
}

function addServe(program: Command, accept: Accept): void {
  program
    .command('serve')
    .description('run the admission webhook')
    .allowExcessArguments(false)
    .addOption(configOption('configuration file; reloaded when it or a file it names changes'))
    .addHelpText(
      'after',
      `
Serves /mutate and /validate over TLS, and /metrics, /healthz and /readyz.
SIGTERM drains. Exit status: 0 after SIGTERM or SIGINT; 1 the server cannot
start; 2 usage.`,
    )
    .action(({ config = null }: { config?: string | null }) => accept({ verb: 'serve', config }));
}

function addCompletion(program: Command, accept: Accept): void {
  program
    .command('completion')
    .description('print a completion script for a shell')
    .allowExcessArguments(false)
    .addArgument(new Argument('<SHELL>', 'the shell').choices(shells))
    .addHelpText('after', '\n  source <(pratique completion bash)')
    .action((shell: Shell) => accept({ verb: 'completion', script: completionScript(shell, program) }));
}

interface SharedOptions<Format> {
  readonly config?: string;
  readonly mirrors?: string;
  readonly output: Format;
}

function addVerb(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .addOption(configOption('configuration file'))
    .addOption(text('--mirrors <KIND=PATH>', `${mirrorKinds.join(', ')}: replaces section mirrors`));
}

/** Formats of `--mirrors`, named as in the configuration. */
export const mirrorKinds = ['containerd', 'k3s', 'crio', 'docker', 'openshift'] as const;

function configurationArguments({
  config,
  mirrors,
}: {
  readonly config?: string;
  readonly mirrors?: string;
}) {
  return { config: config ?? null, mirrors: mirrors ?? null };
}

function configOption(description: string): Option {
  return text('--config <FILE>', description);
}

function outputOption(formats: readonly string[]): Option {
  const option = new Option('-o, --output <FORMAT>', 'output format').default('table').choices(formats);
  const check = option.parseArg;
  return option.argParser((value, previous) => check?.(withoutEquals(value), previous));
}

function text(flags: string, description: string): Option {
  return new Option(flags, description).argParser(withoutEquals);
}

function repeatable(flags: string, description: string): Option {
  return new Option(flags, `${description}; may be repeated`).argParser(
    (value, previous: readonly string[] | undefined) => [...(previous ?? []), withoutEquals(value)],
  );
}

/** Removes the equals sign of `-o=json`, which commander includes in the value of a short option. */
function withoutEquals(value: string): string {
  return value.replace(/^=/, '');
}
