/** argv → the verb's typed arguments. Knows every option; what a verb does with them is its own file's business. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { clean } from '../util/text/text.ts';
import { UsageError } from './io.ts';

export type Format = 'table' | 'json';

export type Arguments =
  | { readonly verb: 'help'; readonly of: string | null }
  | { readonly verb: 'version' }
  | {
      readonly verb: 'inspect';
      readonly config: string | null;
      readonly platforms: readonly string[];
      readonly allEndpoints: boolean;
      /** Whether the parts of an image are looked for, or read too. */
      readonly deep: 'off' | 'exists' | 'read';
      /** As written, `30s`. */
      readonly timeout: string;
      readonly output: Format;
      readonly images: readonly string[];
    }
  | {
      readonly verb: 'endpoints';
      readonly config: string | null;
      readonly output: Format;
      readonly images: readonly string[];
    }
  | {
      readonly verb: 'check';
      readonly config: string | null;
      readonly output: Format;
      readonly files: readonly string[];
    }
  | { readonly verb: 'serve'; readonly config: string | null };

export const verbs = ['inspect', 'endpoints', 'check', 'serve'] as const;

const shared = { config: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
const output = { output: { type: 'string', short: 'o', default: 'table' } } as const;

/** Throws `UsageError` with what was wrong and where to read more. */
export function parseArguments(argv: readonly string[]): Arguments {
  const [verb, ...rest] = argv;
  switch (verb) {
    case undefined:
      throw new UsageError('say what to do: pratique inspect, endpoints, check or serve (pratique --help)');
    case 'help':
    case '--help':
    case '-h':
      return { verb: 'help', of: rest[0] ?? null };
    case 'version':
    case '--version':
      return { verb: 'version' };
    case 'inspect':
      return inspect(rest);
    case 'endpoints':
      return endpoints(rest);
    case 'check':
      return check(rest);
    case 'serve':
      return serve(rest);
    default:
      throw new UsageError(`there is no verb '${clean(verb, 40)}'; there are ${verbs.join(', ')}`);
  }
}

function inspect(args: readonly string[]): Arguments {
  const { values, positionals } = parse('inspect', withDeepValue(args), {
    ...shared,
    ...output,
    platform: { type: 'string', multiple: true },
    'all-endpoints': { type: 'boolean' },
    deep: { type: 'string', default: 'off' },
    timeout: { type: 'string' },
  });
  if (values.help) return { verb: 'help', of: 'inspect' };
  return {
    verb: 'inspect',
    config: values.config ?? null,
    platforms: values.platform ?? [],
    allEndpoints: values['all-endpoints'] ?? false,
    deep: deep(values.deep),
    timeout: values.timeout ?? (values.deep === 'off' ? '30s' : '60s'),
    output: format(values.output),
    images: images('inspect', positionals),
  };
}

/** `--deep` alone has a value too; `parseArgs` would take the image behind it for one. */
function withDeepValue(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  return args.map((arg, index) => (arg === '--deep' && (end < 0 || index < end) ? '--deep=exists' : arg));
}

function deep(text: string): 'off' | 'exists' | 'read' {
  if (text === 'off' || text === 'exists' || text === 'read') return text;
  throw new UsageError(`--deep stands alone or is '--deep=read', not '--deep=${clean(text, 40)}'`);
}

function endpoints(args: readonly string[]): Arguments {
  const { values, positionals } = parse('endpoints', args, { ...shared, ...output });
  if (values.help) return { verb: 'help', of: 'endpoints' };
  return {
    verb: 'endpoints',
    config: values.config ?? null,
    output: format(values.output),
    images: images('endpoints', positionals),
  };
}

function check(args: readonly string[]): Arguments {
  const { values, positionals } = parse('check', args, {
    ...shared,
    ...output,
    file: { type: 'string', short: 'f', multiple: true },
  });
  if (values.help) return { verb: 'help', of: 'check' };
  // `-f a.yaml b.yaml` is what a shell's glob makes of `-f *.yaml`.
  const files = [...(values.file ?? []), ...positionals];
  if (!values.file) throw new UsageError('check needs manifests: pratique check -f FILE… (- for stdin)');
  return { verb: 'check', config: values.config ?? null, output: format(values.output), files };
}

function serve(args: readonly string[]): Arguments {
  const { values, positionals } = parse('serve', args, shared);
  if (values.help) return { verb: 'help', of: 'serve' };
  if (positionals.length > 0) throw new UsageError(`serve takes no '${clean(positionals[0] ?? '', 40)}'`);
  return { verb: 'serve', config: values.config ?? null };
}

function parse<T extends NonNullable<ParseArgsConfig['options']>>(
  verb: string,
  args: readonly string[],
  options: T,
) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    const why = error instanceof Error ? clean(error.message.split('. ')[0] ?? '') : '';
    throw new UsageError(`${why} (pratique ${verb} --help)`, { cause: error });
  }
}

function format(text: string): Format {
  if (text === 'table' || text === 'json') return text;
  throw new UsageError(`--output is 'table' or 'json', not '${clean(text, 40)}'`);
}

function images(verb: string, positionals: readonly string[]): readonly string[] {
  if (positionals.length > 0) return positionals;
  throw new UsageError(`${verb} needs at least one image: pratique ${verb} nginx:1.27`);
}
