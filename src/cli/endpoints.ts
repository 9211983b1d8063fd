/** `pratique endpoints`: the list a node would go through and why, without a single packet. */
import { groupWords, type NodeGroup } from '../judge/nodes/group.ts';
import type { Endpoint, EndpointList } from '../resolve/endpoints/endpoint.ts';
import { canonical, familiar } from '../resolve/reference/format.ts';
import { parseReference } from '../resolve/reference/parse.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import { clean } from '../util/text/text.ts';
import type { Format } from './arguments/arguments.ts';
import { type Exit, exit, type Io, type Output } from './io.ts';
import { jsonText } from './output/json.ts';
import { type Cell, indented, paint, table } from './output/table.ts';
import { warningLines } from './output/warnings.ts';

export interface EndpointsTools {
  readonly groups: readonly NodeGroup[];
  /** The same endpoints; those that the configuration forbids to ask carry the reason. */
  readonly limit: (endpoints: readonly Endpoint[], reference: Reference) => readonly Endpoint[];
  /** URL of the proxy that a request to this endpoint would take, without its password; null when none. */
  readonly proxyOf: (endpoint: Endpoint) => string | null;
}

/** What the nodes of one group do with an image. */
interface Listing {
  readonly image: string;
  /** null: whichever it is. */
  readonly group: NodeGroup | null;
  readonly reference: Reference | null;
  readonly list: EndpointList;
  readonly error: string | null;
}

export function showEndpoints(
  { images, output }: { readonly images: readonly string[]; readonly output: Format },
  tools: EndpointsTools,
  io: Io,
): Exit {
  const listings = images.flatMap((image) => listingsOf(image, tools));
  if (output === 'json') {
    io.stdout.write(jsonText(listings.map((each) => json(each, tools))));
  } else {
    io.stdout.write(listings.map((each) => text(each, tools, io.stdout)).join('\n'));
  }
  return listings.some(({ reference }) => reference === null) ? exit.refused : exit.ok;
}

const nothing: EndpointList = { endpoints: [], warnings: [] };

function listingsOf(image: string, tools: EndpointsTools): readonly Listing[] {
  try {
    const reference = parseReference(image);
    return tools.groups.map((group) => listing(image, reference, group, tools));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [{ image, group: null, reference: null, list: nothing, error: message }];
  }
}

function listing(image: string, reference: Reference, group: NodeGroup, { limit }: EndpointsTools): Listing {
  const refusal = group.mirrors.refuse?.(image);
  if (refusal) return { image, group, reference, list: nothing, error: refusal.message };
  const { endpoints, warnings } = group.mirrors.endpoints(reference);
  return { image, group, reference, list: { endpoints: limit(endpoints, reference), warnings }, error: null };
}

function sourceOf({ source }: Endpoint): string | null {
  if (!source) return null;
  return source.line === null ? source.file : `${source.file}:${source.line}`;
}

function json({ image, group, reference, list, error }: Listing, { proxyOf }: EndpointsTools): object {
  return {
    image,
    group: group?.name ?? null,
    reference: reference && {
      ...reference,
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
      source: sourceOf(endpoint),
    })),
    warnings: list.warnings,
    error,
  };
}

function text(
  { image, group, reference, list, error }: Listing,
  tools: EndpointsTools,
  output: Output,
): string {
  const of = group && tools.groups.length > 1 ? `  (${groupWords([group])})` : '';
  const name = clean(image, 200) + of;
  if (error !== null) return `${name}\n  ${paint('refused', 'bad', output)}: ${clean(error, 600)}\n`;
  const title = reference ? `${name}  →  ${canonical(reference)}` : name;
  const body = list.endpoints.length > 0 ? listed(list, tools, output) : 'no endpoint: nobody is asked\n';
  return `${title}\n${indented(body + warningLines(list.warnings, output))}`;
}

function listed(list: EndpointList, tools: EndpointsTools, output: Output): string {
  const header = ['#', 'ENDPOINT', 'ROLE', 'ASKED FOR', 'HOW', 'FROM'];
  return table(header, rows(list, tools), output) + skipLines(list.endpoints, output);
}

/** Numbered by the order in which they are asked. */
function rows({ endpoints }: EndpointList, tools: EndpointsTools): (string | Cell)[][] {
  const asked = endpoints.filter(({ skip }) => skip === null);
  return endpoints.map((endpoint) => [
    endpoint.skip ? '-' : String(asked.indexOf(endpoint) + 1),
    endpoint.url,
    endpoint.role,
    endpoint.repository,
    endpoint.skip ? { text: `skipped (${endpoint.skip.reason})`, tone: 'doubt' } : how(endpoint, tools),
    sourceOf(endpoint) ?? 'default of the registry',
  ]);
}

/** Why some are skipped: too long for a table. */
function skipLines(endpoints: readonly Endpoint[], output: Output): string {
  return endpoints
    .flatMap(({ url, skip }) => (skip ? `${clean(url, 200)}: ${clean(skip.message, 512)}` : []))
    .map((line) => `${paint('skipped', 'doubt', output)} ${line}\n`)
    .join('');
}

/** What is unusual about the way there; `-` when nothing is. */
function how(endpoint: Endpoint, { proxyOf }: EndpointsTools): string {
  const proxy = proxyOf(endpoint);
  const isPlain = endpoint.url.startsWith('http:');
  const notes = [
    endpoint.nodeLocal ? 'on each node' : '',
    isPlain ? 'plain http' : '',
    endpoint.plainFallback ? 'https, else http' : '',
    endpoint.tls.skipVerify && !isPlain ? 'certificate not verified' : '',
    endpoint.tls.ca.length > 0 ? `CA ${endpoint.tls.ca.join(', ')}` : '',
    endpoint.tls.client.length > 0 ? 'client certificate' : '',
    endpoint.credential ? 'own credentials' : '',
    proxy ? `by proxy ${proxy}` : '',
  ].filter((note) => note !== '');
  return notes.length > 0 ? notes.join('; ') : '-';
}
