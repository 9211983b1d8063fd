/** Completion scripts for bash, zsh and fish, generated from the definition of the command line. */
import type { Command, Option } from 'commander';
import type { Shell } from './arguments.ts';

/** Words that a shell completes after one command. */
interface VerbCompletion {
  readonly name: string;
  readonly description: string;
  readonly options: readonly Option[];
  /** Allowed values of the first argument. */
  readonly choices: readonly string[];
}

export function completionScript(shell: Shell, program: Command): string {
  const verbs = program.commands.map(toCompletion);
  switch (shell) {
    case 'bash':
      return bashScript(verbs);
    case 'zsh':
      return zshScript(verbs);
    case 'fish':
      return fishScript(verbs);
    default:
      return shell satisfies never;
  }
}

function toCompletion(command: Command): VerbCompletion {
  const [argument] = command.registeredArguments;
  return {
    name: command.name(),
    description: command.description(),
    options: command.options,
    choices: argument?.argChoices ?? [],
  };
}

function bashScript(verbs: readonly VerbCompletion[]): string {
  const cases = verbs.flatMap(({ name, options, choices }) => [
    ...options.filter(takesValue).map((option) => {
      const pattern = flags(option)
        .map((flag) => `${name}:${flag}`)
        .join('|');
      const files = takesPath(option) ? ' files=1' : '';
      return `    ${pattern}) words="${(option.argChoices ?? []).join(' ')}"${files} ;;`;
    }),
    `    ${name}:*) words="${[...options.flatMap(flags), '--help', ...choices].join(' ')}" files=1 ;;`,
  ]);
  return `# bash completion for pratique
_pratique() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words="" files=""
  if [ "$COMP_CWORD" = 1 ]; then
    words="${[...verbs.map(({ name }) => name), 'help', '--help', '--version'].join(' ')}"
  else
    case "\${COMP_WORDS[1]}:$previous" in
${cases.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ -z "$files" ] || COMPREPLY+=($(compgen -f -- "$current"))
}
complete -o filenames -F _pratique pratique
`;
}

function zshScript(verbs: readonly VerbCompletion[]): string {
  const cases = verbs.map(({ name, options, choices }) => {
    const specs = options.map(zshOption);
    const rest = choices.length > 0 ? `'1:value:(${choices.join(' ')})'` : "'*:file:_files'";
    return `    ${name}) _arguments ${[...specs, rest].join(' ')} ;;`;
  });
  return `#compdef pratique
_pratique() {
  if (( CURRENT == 2 )); then
    local -a verbs=(${verbs.map(({ name, description }) => quote(`${name}:${description}`)).join(' ')})
    _describe 'command' verbs
    return
  fi
  local verb=$words[2]
  shift words; (( CURRENT-- ))
  case $verb in
${cases.join('\n')}
  esac
}
compdef _pratique pratique
`;
}

function zshOption(option: Option): string {
  const value = takesValue(option) ? `:value:${zshValues(option)}` : '';
  const description = option.description.replace(/[[\]:]/g, ' ');
  return flags(option)
    .map((flag) => quote(`*${flag}[${description}]${value}`))
    .join(' ');
}

function zshValues(option: Option): string {
  if (option.argChoices) return `(${option.argChoices.join(' ')})`;
  return takesPath(option) ? '_files' : '';
}

function fishScript(verbs: readonly VerbCompletion[]): string {
  const names = verbs.map(({ name }) => name).join(' ');
  const lines = verbs.flatMap(({ name, description, options, choices }) => [
    `complete -c pratique -n "not __fish_seen_subcommand_from ${names}" -f -a ${name} -d ${quote(description)}`,
    ...options.map((option) => fishOption(name, option)),
    ...(choices.length > 0
      ? [`complete -c pratique -n "__fish_seen_subcommand_from ${name}" -f -a ${quote(choices.join(' '))}`]
      : []),
  ]);
  return `# fish completion for pratique\n${lines.join('\n')}\n`;
}

function fishOption(verb: string, option: Option): string {
  const short = option.short ? ` -s ${option.short.slice(1)}` : '';
  const choices = option.argChoices ? ` -f -a ${quote(option.argChoices.join(' '))}` : '';
  const value = takesValue(option) ? ` -r${choices}` : '';
  return `complete -c pratique -n "__fish_seen_subcommand_from ${verb}" -l ${option.name()}${short}${value} -d ${quote(option.description)}`;
}

function flags({ short, long }: Option): readonly string[] {
  return [short, long].filter((flag) => flag !== undefined);
}

function takesValue({ required }: Option): boolean {
  return required;
}

function takesPath(option: Option): boolean {
  return ['config', 'file', 'mirrors'].includes(option.name());
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
