/** `pratique inspect`: asks the registries as a node would and reports each image's result. */
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
import type { TableFormat } from './arguments/arguments.ts';
import { runInOrder } from './output/run-in-order.ts';
import { inspectionJson, inspectionText } from './output/inspection.ts';
import { type Exit, exit, type Io } from './io.ts';
import { jsonText } from './output/json.ts';

export interface InspectDeps {
  /** In matching order. */
  readonly groups: readonly NodeGroup[];
  readonly credentials: Credentials;
  readonly policy: Policy;
}

export interface InspectOptions {
  readonly images: readonly string[];
  /** Empty if any platform is accepted. */
  readonly platforms: readonly Platform[];
  readonly allEndpoints: boolean;
  /** Time for each image. */
  readonly timeoutMs: number;
  readonly output: TableFormat;
}

/** An image of the command line with its assessment. */
export interface InspectedImage {
  readonly image: string;
  readonly reference: Reference | null;
  /** The worst of all node groups. */
  readonly finding: Assessment;
  readonly inspection: Inspection | null;
  /** Empty for an invalid reference. */
  readonly groups: readonly GroupAssessment[];
}

export async function inspect(options: InspectOptions, deps: InspectDeps, io: Io): Promise<Exit> {
  const results = await runInOrder(options.images, 'image', io.stderr, (image) =>
    inspectImage(image, options, deps, io.signal),
  );
  if (options.output === 'json') {
    io.stdout.write(jsonText(results.map(inspectionJson)));
  } else {
    io.stdout.write(results.map((each) => inspectionText(each, io.stdout)).join('\n'));
  }
  return statusOf(results.map(({ finding }) => finding.result));
}

async function inspectImage(
  image: string,
  options: InspectOptions,
  { groups: nodeGroups, credentials, policy }: InspectDeps,
  cancel: AbortSignal,
): Promise<InspectedImage> {
  const reference = referenceIn(image);
  if (reference instanceof InvalidReference) {
    return { image, reference: null, finding: invalidReference(reference), inspection: null, groups: [] };
  }
  const context = { use: asContainerImage(image), reference, policy };
  const eligibleGroups = createStaticPlacement(
    nodeGroups,
    configuredPlatforms(options.platforms),
  )({ pod: {} });
  const request: InspectRequest = {
    reference,
    credentials,
    deadline: deadlineIn(options.timeoutMs, cancel),
    purpose: 'interactive',
    allEndpoints: options.allEndpoints,
  };
  const groups = await inspectForGroups(eligibleGroups, context, request);
  return { image, reference, groups, ...worstOf(groups) };
}

/** Groups that share an inspector share one inspection. */
function inspectForGroups(
  eligibleGroups: readonly EligibleGroup[],
  context: ImageInContext,
  request: InspectRequest,
): Promise<readonly GroupAssessment[]> {
  const inspections = new Map<Inspector, Promise<Inspection>>();
  const inspectIn = async ({ group, eligible }: EligibleGroup): Promise<GroupAssessment> => {
    const rejection = rejectedByRuntime(context.use.image, group);
    if (rejection) return { group, inspection: null, finding: rejection };
    const pending = inspections.get(group.inspector) ?? group.inspector.inspect(request);
    inspections.set(group.inspector, pending);
    const inspection = await pending;
    return { group, inspection, finding: assess(inspection, context, eligible, noNodes) };
  };
  return Promise.all(eligibleGroups.map(inspectIn));
}

/** Without a cluster no node is known to have the image already. */
const noNodes = { isOnNode: () => false };

/** A single image is assessed as the image of a container. */
function asContainerImage(image: string): ImageUse {
  return { container: '', kind: 'container', pointer: '', image, pullPolicy: 'Always' };
}

function statusOf(results: readonly Result[]): Exit {
  const bad = results.filter((result) => result !== 'available' && result !== 'not-checked');
  if (bad.length === 0) return exit.ok;
  return bad.every((result) => result === 'unavailable') ? exit.unavailable : exit.refused;
}
