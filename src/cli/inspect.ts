/** Command `pratique inspect`: queries the registries as a node would and reports each image's result. */
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
import type { TableFormat } from './arguments/arguments.ts';
import { runInOrder } from './output/run-in-order.ts';
import { type DeepAssessment, type DeepRequest, type DeepTools, inspectParts } from './deep/inspect-parts.ts';
import { inspectionJson, inspectionText } from './output/inspection.ts';
import type { InspectedImage } from './inspected-image.ts';
import { type Exit, exit, type Io } from './io.ts';
import { jsonText } from './output/json.ts';
import { type PartsCounter, partsCounter } from './deep/parts-progress.ts';

export interface InspectDeps {
  /** The node groups in the order in which they are matched. */
  readonly groups: readonly NodeGroup[];
  readonly credentials: Credentials;
  readonly policy: Policy;
  readonly partsChecker: DeepTools['partsChecker'];
}

export interface InspectOptions {
  readonly images: readonly string[];
  /** Platforms that the image must have; empty if any platform is accepted. */
  readonly platforms: readonly Platform[];
  readonly allEndpoints: boolean;
  readonly deep: 'off' | 'exists' | 'read';
  /** Time limit for each image, in milliseconds. */
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
    return { image, reference: null, assessment, inspection: null, byGroup: [], parts: null, isDeep };
  }
  const { groups, credentials, policy } = deps;
  // The image must have every platform of the command line, even if the policy accepts fewer at admission.
  const imageInContext = {
    use: asContainerImage(image),
    reference,
    policy: { ...policy, platforms: 'all' as const },
  };
  const eligibleGroups = createStaticPlacement(groups, configuredPlatforms(options.platforms))({ pod: {} });
  const deadline = deadlineIn(options.timeoutMs, cancel);
  const request = { reference, credentials, deadline, allEndpoints: options.allEndpoints };
  const work = { ...request, deep: options.deep, progress: counter };
  const byGroup = await inspectForGroups(eligibleGroups, imageInContext, work, deps);
  const worst = worstOf(byGroup);
  const parts = byGroup.find(({ inspection }) => inspection === worst.inspection)?.parts ?? null;
  return { image, reference, byGroup, parts, isDeep, ...worst };
}

interface Work extends Pick<InspectRequest, 'reference' | 'credentials' | 'deadline' | 'allEndpoints'> {
  readonly deep: InspectOptions['deep'];
  readonly progress: PartsCounter;
}

/** Inspects the image for each group. Groups that share an inspector share one inspection. */
function inspectForGroups(
  eligibleGroups: readonly EligibleGroup[],
  imageInContext: ImageInContext,
  work: Work,
  deps: DeepTools,
): Promise<readonly DeepAssessment[]> {
  const resolutions = new Map<Inspector, Promise<RootedInspection>>();
  const inspectIn = async ({ group, eligible }: EligibleGroup): Promise<DeepAssessment> => {
    const refusal = rejectedByRuntime(imageInContext.use.image, group);
    if (refusal) return { group, inspection: null, assessment: refusal, parts: null };
    const resolution = resolutions.get(group.inspector) ?? resolve(group.inspector, work);
    resolutions.set(group.inspector, resolution);
    const { inspection, root } = await resolution;
    const local = { group, inspection, assessment: assess(inspection, imageInContext, eligible, noNodes) };
    const { deep: mode, ...request } = work;
    if (mode === 'off') return { ...local, parts: null };
    return await inspectParts(local, eligible, { ...request, mode, root }, deps);
  };
  return Promise.all(eligibleGroups.map(inspectIn));
}

interface RootedInspection {
  readonly inspection: Inspection;
  readonly root: DeepRequest['root'];
}

async function resolve(inspector: Inspector, { deep, ...request }: Work): Promise<RootedInspection> {
  let root: RootedInspection['root'] = null;
  const inspection = await inspector.inspect({
    ...request,
    purpose: 'interactive',
    // Only the first manifest is kept: it is from the endpoint whose answer counts.
    ...(deep === 'off' ? {} : { onManifest: (manifest, endpoint) => void (root ??= { manifest, endpoint }) }),
  });
  return { inspection, root };
}

/** The command knows no nodes, so that no node can hold the image already. */
const noNodes = { isOnNode: () => false };

/** Returns the image as that of a container, because a single image is assessed like one. */
function asContainerImage(image: string): ImageUse {
  return { container: '', kind: 'container', pointer: '', image, pullPolicy: 'Always' };
}

function statusOf(results: readonly Result[]): Exit {
  const bad = results.filter((result) => result !== 'available' && result !== 'not-checked');
  if (bad.length === 0) return exit.ok;
  return bad.every((result) => result === 'unavailable') ? exit.unavailable : exit.refused;
}
