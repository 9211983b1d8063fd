/**
 * Command `pratique endpoints`: prints the endpoint list of a node for each image and the source of every
 * entry. It sends no network packet.
 */
import { groupWords, type NodeGroup } from '../judge/nodes/group.ts';
import type { Endpoint, EndpointList } from '../resolve/endpoints/endpoint.ts';
import { canonical, familiar } from '../resolve/reference/format.ts';
import { parseReference } from '../resolve/reference/parse.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import { clean } from '../util/text/text.ts';
import type { TableFormat } from './arguments/arguments.ts';
import { type Exit, exit, type Io, type Output } from './io.ts';
import { jsonText } from './output/json.ts';
import { type Cell, indented, paint, table } from './output/table.ts';
import { warningLines } from './output/warnings.ts';

export interface EndpointsDeps {
  readonly groups: readonly NodeGroup[];
  /** Returns the same endpoints; those that the configuration skips have the reason in `skip`. */
  readonly limit: (endpoints: readonly Endpoint[], reference: Reference) => readonly Endpoint[];
  /**
   * Returns the URL of the proxy for requests to this endpoint, without its password; null if there is none.
   */
  readonly proxyOf: (endpoint: Endpoint) => string | null;
}

/** The endpoints of an image for one node group. */
interface ImageEndpoints {
  readonly image: string;
  /** null if the reference is invalid, which then holds for all groups. */
  readonly group: NodeGroup | null;
  readonly reference: Reference | null;
  readonly list: EndpointList;
  readonly error: string | null;
}

export function showEndpoints(
  { images, output }: { readonly images: readonly string[]; readonly output: TableFormat },
  deps: EndpointsDeps,
  io: Io,
): Exit {
  const listings = images.flatMap((image) => listByGroup(image, deps));
  if (output === 'json') {
    io.stdout.write(jsonText(listings.map((each) => toJson(each, deps))));
  } else {
    io.stdout.write(listings.map((each) => formatText(each, deps, io.stdout)).join('\n'));
  }
  return listings.some(({ reference }) => reference === null) ? exit.refused : exit.ok;
}

const emptyList: EndpointList = { endpoints: [], warnings: [] };

function listByGroup(image: string, deps: EndpointsDeps): readonly ImageEndpoints[] {
  try {
    const reference = parseReference(image);
    return deps.groups.map((group) => listForGroup(image, reference, group, deps));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [{ image, group: null, reference: null, list: emptyList, error: message }];
  }
}

function listForGroup(
  image: string,
  reference: Reference,
  group: NodeGroup,
  { limit }: EndpointsDeps,
): ImageEndpoints {
  const rejection = group.mirrors.refuse?.(image);
  if (rejection) return { image, group, reference, list: emptyList, error: rejection.message };
  const { endpoints, warnings } = group.mirrors.endpoints(reference);
  return { image, group, reference, list: { endpoints: limit(endpoints, reference), warnings }, error: null };
}

function formatSource({ source }: Endpoint): string | null {
  if (!source) return null;
  return source.line === null ? source.file : `${source.file}:${source.line}`;
}

function toJson(
  { image, group, reference, list, error }: ImageEndpoints,
  { proxyOf }: EndpointsDeps,
): object {
  return {
    image,
    group: group?.name ?? null,
    reference: reference && {
      domain: reference.domain,
      path: reference.path,
      tag: reference.tag,
      digest: reference.digest,
      canonical: canonical(reference),
      familiar: familiar(reference),
    },
    endpoints: list.endpoints.map((endpoint) => ({
      url: endpoint.url,
      role: endpoint.role,
      capabilities: endpoint.capabilities,
      repository: endpoint.repository,
      tls: {
        ca: endpoint.tls.ca,
        client: endpoint.tls.client.map(({ cert, key }) => [cert, key]),
        skipVerify: endpoint.tls.skipVerify,
      },
      proxy: proxyOf(endpoint),
      nodeLocal: endpoint.nodeLocal,
      skip: endpoint.skip,
      source: formatSource(endpoint),
    })),
    warnings: list.warnings,
    error,
  };
}

function formatText(
  { image, group, reference, list, error }: ImageEndpoints,
  deps: EndpointsDeps,
  output: Output,
): string {
  const suffix = group && deps.groups.length > 1 ? `  (${groupWords([group])})` : '';
  const name = clean(image, 200) + suffix;
  if (error !== null) return `${name}\n  ${paint('invalid', 'bad', output)}: ${clean(error, 600)}\n`;
  const title = reference ? `${name}  →  ${canonical(reference)}` : name;
  const body =
    list.endpoints.length > 0 ? endpointTable(list, deps, output) : 'no endpoint: no registry is asked\n';
  return `${title}\n${indented(body + warningLines(list.warnings, output))}`;
}

function endpointTable(list: EndpointList, deps: EndpointsDeps, output: Output): string {
  const header = ['#', 'ENDPOINT', 'ROLE', 'REPOSITORY', 'NOTES', 'SOURCE'];
  return table(header, toRows(list, deps), output) + skipLines(list.endpoints, output);
}

/** Returns table rows, numbered in the order in which a node queries the endpoints. */
function toRows({ endpoints }: EndpointList, deps: EndpointsDeps): (string | Cell)[][] {
  const queried = endpoints.filter(({ skip }) => skip === null);
  return endpoints.map((endpoint) => [
    endpoint.skip ? '-' : String(queried.indexOf(endpoint) + 1),
    endpoint.url,
    endpoint.role,
    endpoint.repository,
    endpoint.skip
      ? { text: `skipped (${endpoint.skip.reason})`, tone: 'doubt' }
      : formatNotes(endpoint, deps),
    formatSource(endpoint) ?? "registry's default",
  ]);
}

/** Returns the reasons of skipped endpoints, which are too long for the table. */
function skipLines(endpoints: readonly Endpoint[], output: Output): string {
  return endpoints
    .flatMap(({ url, skip }) => (skip ? `${clean(url, 200)}: ${clean(skip.message, 512)}` : []))
    .map((line) => `${paint('skipped', 'doubt', output)} ${line}\n`)
    .join('');
}

/** Returns what is unusual about the endpoint, or `-`. */
function formatNotes(endpoint: Endpoint, { proxyOf }: EndpointsDeps): string {
  const proxy = proxyOf(endpoint);
  const isPlain = endpoint.url.startsWith('http:');
  const notes = [
    endpoint.nodeLocal ? 'the node itself' : '',
    isPlain ? 'plain http' : '',
    endpoint.plainFallback.length > 0 ? 'https, else http' : '',
    endpoint.tls.skipVerify && !isPlain ? 'certificate not verified' : '',
    endpoint.tls.ca.length > 0 ? `CA ${endpoint.tls.ca.join(', ')}` : '',
    endpoint.tls.client.length > 0 ? 'client certificate' : '',
    endpoint.credential ? 'own credentials' : '',
    proxy ? `proxy ${proxy}` : '',
  ].filter((note) => note !== '');
  return notes.length > 0 ? notes.join('; ') : '-';
}
