/** Every fault of the table with its variants. */
import type { Fault } from '../case.ts';
import { unauthenticated, wrongScope } from './authentication.ts';
import { reset, silence } from './connection.ts';
import { htmlPage, wrongDigest } from './content.ts';
import { headAnswers, mediaTypes, tagOnly, tokenAnswers } from './declarations.ts';
import { redirects } from './redirect.ts';
import { forbidden, notFound, rateLimited, serverError } from './status.ts';
import type { Variant } from './variant.ts';

export const variants: Readonly<Record<Fault, readonly Variant[]>> = {
  '404': notFound,
  '401': unauthenticated,
  '403': forbidden,
  '429': rateLimited,
  '5xx': serverError,
  reset,
  silence,
  redirect: redirects,
  'wrong digest': wrongDigest,
  HTML: htmlPage,
  'wrong scope': wrongScope,
  'media type': mediaTypes,
  'token answer': tokenAnswers,
  HEAD: headAnswers,
  'digest 404': tagOnly,
};
