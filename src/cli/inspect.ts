/** `pratique inspect`: asks the registries as a node would and says what each image is. */
import {
  type Assessment,
  assess,
  type ImageInContext,
  rejectedByRuntime,
  invalidReference,
} from '../judge/image/assessment.ts';
import { configuredPlatforms } from '../judge/nodes/placement/configured.ts';
import type { EligibleGroup, NodeGroup } from '../judge/nodes/group.ts';
import { createStaticPlacement } from '../judge/nodes/placement/static-placement.ts';
import type { Policy } from '../judge/policy/schema.ts';
import { referenceIn } from '../judge/image/references.ts';
import { type GroupAssessment, worstOf } from '../judge/image/by-node-group.ts';
import type { Result } from '../judge/results.ts';
import type { ImageUse } from '../judge/workload/image-use.ts';
import type { Credentials } from '../resolve/credentials/credential.ts';
import { deadlineIn } from '../util/async/deadline.ts';
import type { Inspection, Inspector, InspectRequest } from '../resolve/inspection/inspection.ts';
import type { Platform } from '../resolve/platform/platform.ts';
import { InvalidReference } from '../resolve/reference/error.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import type { Format } from './arguments/arguments.ts';
import { inOrder } from './output/run-in-order.ts';
import { inspectionJson, inspectionText } from './output/inspection.ts';
import { type Exit, exit, type Io } from './io.ts';
import { jsonText } from './output/json.ts';

export interface InspectTools {
  /** In the order in which they are matched. */
  readonly groups: readonly NodeGroup[];
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
  /** The worst of all groups of nodes. */
  readonly finding: Assessment;
  readonly inspection: Inspection | null;
  /** Empty for what is no reference. */
  readonly locals: readonly GroupAssessment[];
}

export async function inspect(options: InspectOptions, tools: InspectTools, io: Io): Promise<Exit> {
  const results = await inOrder(options.images, 'image', io.stderr, (image) =>
    inspectOne(image, options, tools, io.signal),
  );
  if (options.output === 'json') {
    io.stdout.write(jsonText(results.map(inspectionJson)));
  } else {
    io.stdout.write(results.map((each) => inspectionText(each, io.stdout)).join('\n'));
  }
  return statusOf(results.map(({ finding }) => finding.result));
}

async function inspectOne(
  image: string,
  options: InspectOptions,
  { groups, credentials, policy }: InspectTools,
  cancel: AbortSignal,
): Promise<Inspected> {
  const reference = referenceIn(image);
  if (reference instanceof InvalidReference) {
    return { image, reference: null, finding: invalidReference(reference), inspection: null, locals: [] };
  }
  const question = { use: asContainer(image), reference, policy };
  const eligibleGroups = createStaticPlacement(groups, configuredPlatforms(options.platforms))({ pod: {} });
  const request: InspectRequest = {
    reference,
    credentials,
    deadline: deadlineIn(options.timeoutMs, cancel),
    purpose: 'interactive',
    allEndpoints: options.allEndpoints,
  };
  const locals = await inspectAt(eligibleGroups, question, request);
  return { image, reference, locals, ...worstOf(locals) };
}

/** Groups that share an inspector share its answer. */
function inspectAt(
  eligibleGroups: readonly EligibleGroup[],
  question: ImageInContext,
  request: InspectRequest,
): Promise<readonly GroupAssessment[]> {
  const asked = new Map<Inspector, Promise<Inspection>>();
  const inspectIn = async ({ group, eligible }: EligibleGroup): Promise<GroupAssessment> => {
    const refusal = rejectedByRuntime(question.use.image, group);
    if (refusal) return { group, inspection: null, finding: refusal };
    const asking = asked.get(group.inspector) ?? group.inspector.inspect(request);
    asked.set(group.inspector, asking);
    const inspection = await asking;
    return { group, inspection, finding: assess(inspection, question, eligible, noNodes) };
  };
  return Promise.all(eligibleGroups.map(inspectIn));
}

/** No node is known that could hold the image already. */
const noNodes = { isOnNode: () => false };

/** An image by itself is judged as what a container would run. */
function asContainer(image: string): ImageUse {
  return { container: '', kind: 'container', pointer: '', image, pullPolicy: 'Always' };
}

function statusOf(results: readonly Result[]): Exit {
  const bad = results.filter((result) => result !== 'available' && result !== 'not-checked');
  if (bad.length === 0) return exit.ok;
  return bad.every((result) => result === 'unavailable') ? exit.unavailable : exit.refused;
}
