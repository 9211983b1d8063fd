/** A fault is scripted in several variants; this is what one of them is, and what it sees. */
import type { Image } from '../../kit/registries/images.ts';
import type { Answer, Recorded } from '../../kit/fakes/scripted-registry.ts';
import type { Question } from '../query.ts';

/** The faulty endpoint's surroundings. */
export interface Place {
  readonly origin: string;
  /** A registry that is not an endpoint and holds the same image. */
  readonly elsewhere: string;
  readonly image: Image;
  /** How the endpoint would answer without its fault. */
  readonly healthy: (question: Question) => Answer;
}

export interface Variant {
  readonly name: string;
  readonly answer: (question: Question, request: Recorded, place: Place) => Answer;
}

type Script = (request: Recorded, place: Place, question: Question) => Answer;

/** The fault concerns manifests; all else is answered as ever. */
export function onManifests(name: string, script: Script): Variant {
  return {
    name,
    answer: (question, request, place) =>
      question.kind === 'manifest' ? script(request, place, question) : place.healthy(question),
  };
}

/** The fault concerns the whole server. */
export function everywhere(name: string, script: Script): Variant {
  return { name, answer: (question, request, place) => script(request, place, question) };
}
