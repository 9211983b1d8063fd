/** Faults of the connection: reset and silence. */
import type { Answer } from '../../kit/fakes/scripted-registry.ts';
import { challenge } from './authentication.ts';
import { everywhere, onManifests, type Variant } from './variant.ts';

type Broken = NonNullable<Answer['fault']>;

/** Challenges, and is broken where the token must be had. */
function atTokens(name: string, fault: Broken): Variant {
  return everywhere(name, (_request, place, question) =>
    question.kind === 'token' ? { fault } : challenge(question, place),
  );
}

function onGet(name: string, fault: Broken): Variant {
  return onManifests(name, (request, place, question) =>
    request.method === 'HEAD' ? place.healthy(question) : { ...place.healthy(question), fault },
  );
}

function broken(fault: Broken): readonly Variant[] {
  return [
    everywhere('every request', () => ({ fault })),
    onManifests('manifests', () => ({ fault })),
    onGet('manifests, but not HEAD', fault),
    everywhere('all but the ping', (_request, place, question) =>
      question.kind === 'ping' ? place.healthy(question) : { fault },
    ),
    atTokens('at the token endpoint', fault),
  ];
}

export const reset: readonly Variant[] = [...broken('reset'), onGet('in the middle of the body', 'cut')];

export const silence: readonly Variant[] = broken('silence');
