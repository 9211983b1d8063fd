/** Endpoint lists in few words, for tests of the mirror formats. */
import type { Endpoint, EndpointList, MirrorList } from '../../../../src/resolve/endpoints/endpoint.ts';
import { MirrorConfigError } from '../../../../src/resolve/endpoints/mirror-config-error.ts';
import { parseReference } from '../../../../src/resolve/reference/parse.ts';

/** What `image` is asked of. */
export function listOf(mirrors: MirrorList, image: string): EndpointList {
  return mirrors.endpoints(parseReference(image));
}

/** `https://mirror/v2 team/app` per endpoint, in order. */
export function asked(mirrors: MirrorList, image: string): readonly string[] {
  return listOf(mirrors, image).endpoints.map(({ url, repository }) => `${url} ${repository}`);
}

/** The endpoints that nothing rules out. */
export function open(list: EndpointList): readonly Endpoint[] {
  return list.endpoints.filter(({ skip }) => skip === null);
}

export function codes(mirrors: MirrorList, image: string): readonly string[] {
  return listOf(mirrors, image).warnings.map(({ code }) => code);
}

/** What `load` throws. */
export function thrown(load: () => unknown): MirrorConfigError {
  try {
    load();
  } catch (error) {
    if (error instanceof MirrorConfigError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
