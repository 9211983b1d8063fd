/** `pratique inspect`: asks the registries as a node would and reports each image's result. */
import {
  assess,
  type ImageInContext,
  rejectedByRuntime,
  invalidReference,
} from '../judge/image/assessment.ts';
import { configuredPlatforms, createStaticPlacement } from '../judge/nodes/placement/static-placement.ts';
import type { EligibleGroup, NodeGroup } from '../judge/nodes/group.ts';
import type { Policy } from '../judge/policy/schema.ts';
import { referenceIn } from '../judge/image/references.ts';
import { worstOf } from '../judge/image/by-node-group.ts';
import type { Result } from '../judge/results.ts';
import type { ImageUse } from '../judge/workload/image-use.ts';
import type { Credentials } from '../resolve/credentials/credential.ts';
import { deadlineIn } from '../util/async/deadline.ts';
import type { Inspection, Inspector, InspectRequest } from '../resolve/inspection/inspection.ts';
import type { Platform } from '../resolve/platform/platform.ts';
import { InvalidReference } from '../resolve/reference/error.ts';
import type { DeepMode, TableFormat } from './arguments/arguments.ts';
import { type DeepAssessment, type DeepDeps, type DeepRequest, inspectParts } from './deep/inspect-parts.ts';
import { type PartsCounter, partsCounter } from './deep/parts-progress.ts';
import type { InspectedImage } from './inspected-image.ts';
import { type Exit, exit, type Io } from './io.ts';
import { inspectionJson, inspectionText } from './output/inspection.ts';
import { jsonText } from './output/json.ts';
import { runInOrder } from './output/run-in-order.ts';

export interface InspectDeps {
  /** In matching order. */
  readonly groups: readonly NodeGroup[];
  readonly credentials: Credentials;
  readonly policy: Policy;
  readonly partsChecker: DeepDeps['partsChecker'];
}

export interface InspectOptions {
  readonly images: readonly string[];
  /** Empty if any platform is accepted. */
  readonly platforms: readonly Platform[];
  readonly allEndpoints: boolean;
  readonly deep: DeepMode;
  /** Time for each image. */
  readonly timeoutMs: number;
  readonly output: TableFormat;
}

export async function inspect(options: InspectOptions, deps: InspectDeps, io: Io): Promise<Exit> {
  const counter = partsCounter(options.deep === 'read');
  const results = await runInOrder(
    options.images,
    'image',
    io.stderr,
    (image) => inspectImage(image, options, deps, { counter, cancel: io.signal }),
    () => counter.text(),
  );
  if (io.signal.aborted) return exit.interrupted;
  if (options.output === 'json') {
    io.stdout.write(jsonText(results.map(inspectionJson)));
  } else {
    io.stdout.write(results.map((each) => inspectionText(each, io.stdout)).join('\n'));
  }
  return statusOf(results.map(({ assessment }) => assessment.result));
}

interface Run {
  readonly counter: PartsCounter;
  readonly cancel: AbortSignal;
}

async function inspectImage(
  image: string,
  options: InspectOptions,
  deps: InspectDeps,
  { counter, cancel }: Run,
): Promise<InspectedImage> {
  const isDeep = options.deep !== 'off';
  const reference = referenceIn(image);
  if (reference instanceof InvalidReference) {
    const assessment = invalidReference(reference);
    return { image, reference: null, assessment, inspection: null, groups: [], parts: null, isDeep };
  }
  const { groups: nodeGroups, credentials, policy } = deps;
  // Every requested platform must fit, whatever the policy requires at admission.
  const context = {
    use: asContainerImage(image),
    reference,
    policy: { ...policy, platforms: 'all' as const },
  };
  const eligibleGroups = createStaticPlacement(
    nodeGroups,
    configuredPlatforms(options.platforms),
  )({ pod: {} });
  const deadline = deadlineIn(options.timeoutMs, cancel);
  const request = { reference, credentials, deadline, allEndpoints: options.allEndpoints };
  const work = { ...request, deep: options.deep, progress: counter };
  const groups = await inspectForGroups(eligibleGroups, context, work, deps);
  const worst = worstOf(groups);
  const parts = groups.find(({ inspection }) => inspection === worst.inspection)?.parts ?? null;
  return { image, reference, groups, parts, isDeep, ...worst };
}

interface Work extends Pick<InspectRequest, 'reference' | 'credentials' | 'deadline' | 'allEndpoints'> {
  readonly deep: InspectOptions['deep'];
  readonly progress: PartsCounter;
}

/** Groups that share an inspector share one inspection. */
function inspectForGroups(
  eligibleGroups: readonly EligibleGroup[],
  context: ImageInContext,
  work: Work,
  deps: DeepDeps,
): Promise<readonly DeepAssessment[]> {
  const inspections = new Map<Inspector, Promise<InspectionWithRoot>>();
  const inspectIn = async ({ group, eligible }: EligibleGroup): Promise<DeepAssessment> => {
    const rejection = rejectedByRuntime(context.use.image, group);
    if (rejection) return { group, inspection: null, assessment: rejection, parts: null };
    const pending = inspections.get(group.inspector) ?? inspectWithRoot(group.inspector, work);
    inspections.set(group.inspector, pending);
    const { inspection, root } = await pending;
    const assessed = { group, inspection, assessment: assess(inspection, context, eligible, noNodes) };
    const { deep: mode, ...request } = work;
    if (mode === 'off') return { ...assessed, parts: null };
    return await inspectParts(assessed, eligible, { ...request, mode, root }, deps);
  };
  return Promise.all(eligibleGroups.map(inspectIn));
}

interface InspectionWithRoot {
  readonly inspection: Inspection;
  readonly root: DeepRequest['root'];
}

async function inspectWithRoot(
  inspector: Inspector,
  { deep, ...request }: Work,
): Promise<InspectionWithRoot> {
  let root: InspectionWithRoot['root'] = null;
  const inspection = await inspector.inspect({
    ...request,
    purpose: 'interactive',
    // The answer of the first endpoint that serves the image counts.
    ...(deep === 'off' ? {} : { onManifest: (manifest, endpoint) => void (root ??= { manifest, endpoint }) }),
  });
  return { inspection, root };
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
