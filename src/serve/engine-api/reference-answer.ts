/** An invalid reference → dockerd's answer: its status, and its words first. */
import { InvalidDigest } from '../../resolve/reference/digest.ts';
import type { InvalidReference } from '../../resolve/reference/error.ts';
import { splitDomain } from '../../resolve/reference/normalise.ts';
import { clean } from '../../util/text/text.ts';
import { type Answer, errorAnswer } from './http-answer.ts';

/** `image` is the text that `error` is about. */
export function answerInvalidReference(image: string, error: InvalidReference): Answer {
  switch (error.code) {
    case 'Empty':
    case 'Format':
      return errorAnswer(400, `invalid reference format: ${error.problem}`);
    case 'Uppercase':
      return errorAnswer(
        400,
        `invalid reference format: repository name (${clean(repositoryOf(image))}) must be lowercase`,
      );
    case 'TooLong':
      return errorAnswer(400, `repository name must not be more than 255 characters: ${error.problem}`);
    case 'Digest':
      return errorAnswer(400, `${digestWords(error.cause)}: ${error.problem}`);
    case 'ImageId':
      return errorAnswer(500, 'no manifest found for full image ID');
    case 'Reserved':
      return errorAnswer(400, "'scratch' is a reserved name");
    default:
      return error.code satisfies never;
  }
}

function repositoryOf(image: string): string {
  const [, remainder] = splitDomain(image);
  return remainder.split(':', 1)[0] ?? '';
}

/** The errors of opencontainers/go-digest. */
function digestWords(error: unknown): string {
  const code = error instanceof InvalidDigest ? error.code : 'Format';
  switch (code) {
    case 'Format':
      return 'invalid checksum digest format';
    case 'Length':
      return 'invalid checksum digest length';
    case 'Unsupported':
      return 'unsupported digest algorithm';
    default:
      return code satisfies never;
  }
}
