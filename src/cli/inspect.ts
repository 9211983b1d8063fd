/** `pratique inspect`: asks the registries as a node would and says what each image is. */
import { type Finding, found, plain } from '../judge/finding.ts';
import { configuredPlatforms } from '../judge/nodes/configured.ts';
import type { Policy } from '../judge/policy/schema.ts';
import { standalone } from '../judge/surroundings.ts';
import type { Result } from '../judge/verdict.ts';
import type { ImageUse } from '../judge/workload/image-use.ts';
import type { Credentials } from '../resolve/credentials/credential.ts';
import { deadlineIn } from '../resolve/deadline.ts';
import type { MirrorList } from '../resolve/endpoints/endpoint.ts';
import type { Inspection, Inspector } from '../resolve/inspection/inspection.ts';
import type { Platform } from '../resolve/platform/platform.ts';
import { InvalidReference } from '../resolve/reference/error.ts';
import { parseReference } from '../resolve/reference/parse.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import type { Format } from './arguments.ts';
import { inOrder } from './at-once.ts';
import { inspectionJson, inspectionText } from './inspection.ts';
import { type Exit, exit, type Io } from './io.ts';

export interface InspectTools {
  readonly inspector: Inspector;
  readonly mirrors: MirrorList;
  readonly credentials: Credentials;
  readonly policy: Policy;
}

export interface InspectOptions {
  readonly images: readonly string[];
  /** Empty: any platform will do. */
  readonly platforms: readonly Platform[];
  readonly allEndpoints: boolean;
  /** For each image, milliseconds. */
  readonly timeoutMs: number;
  readonly output: Format;
}

/** One image of the command line with all that is known of it. */
export interface Inspected {
  readonly image: string;
  readonly reference: Reference | null;
  readonly finding: Finding;
  readonly inspection: Inspection | null;
}

export async function inspect(options: InspectOptions, tools: InspectTools, io: Io): Promise<Exit> {
  const results = await inOrder(options.images, 'image', io.stderr, (image) =>
    inspectOne(image, options, tools, io.signal),
  );
  if (options.output === 'json') {
    io.stdout.write(`${JSON.stringify(results.map(inspectionJson), null, 2)}\n`);
  } else {
    io.stdout.write(results.map((each) => inspectionText(each, io.stdout)).join('\n'));
  }
  return statusOf(results.map(({ finding }) => finding.result));
}

async function inspectOne(
  image: string,
  { platforms, timeoutMs, allEndpoints }: InspectOptions,
  { inspector, mirrors, credentials, policy }: InspectTools,
  cancel: AbortSignal,
): Promise<Inspected> {
  const reference = parse(image);
  if (reference instanceof InvalidReference) {
    // An image ID is no mistake: it names what only a node can see (the same word as at admission).
    const result = reference.code === 'ImageId' ? 'not-checked' : 'invalid';
    return {
      image,
      reference: null,
      finding: plain(result, reference.code, reference.message),
      inspection: null,
    };
  }
  const refusal = mirrors.refuse?.(image);
  if (refusal) {
    return {
      image,
      reference,
      finding: plain('invalid', refusal.reason, refusal.message),
      inspection: null,
    };
  }
  const inspection = await inspector.inspect({
    reference,
    credentials,
    deadline: deadlineIn(timeoutMs, cancel),
    purpose: 'interactive',
    allEndpoints,
  });
  const surroundings = standalone(credentials, configuredPlatforms(platforms));
  return {
    image,
    reference,
    inspection,
    finding: found(inspection, reference, asContainer(image), policy, surroundings),
  };
}

function parse(image: string): Reference | InvalidReference {
  try {
    return parseReference(image);
  } catch (error) {
    if (error instanceof InvalidReference) return error;
    throw error;
  }
}

/** An image by itself is judged as what a container would run. */
function asContainer(image: string): ImageUse {
  return { container: '', kind: 'container', pointer: '', image, pullPolicy: 'Always' };
}

function statusOf(results: readonly Result[]): Exit {
  const bad = results.filter((result) => result !== 'available' && result !== 'not-checked');
  if (bad.length === 0) return exit.ok;
  return bad.every((result) => result === 'unavailable') ? exit.unavailable : exit.refused;
}
