/** What the API answers: status, headers and a body that its OpenAPI document allows. */
import type { ErrorResponse } from './generated/schemas.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Exactly so: Go's client reads the message of an error only without a charset. */
const json = { 'content-type': 'application/json' };
const text = { 'content-type': 'text/plain; charset=utf-8' };

/** Ends with a newline, as every JSON answer of dockerd. */
export function jsonAnswer(status: number, body: object, headers: Answer['headers'] = {}): Answer {
  return { status, headers: { ...json, ...headers }, body: `${JSON.stringify(body)}\n` };
}

export function errorAnswer(status: number, message: string, headers: Answer['headers'] = {}): Answer {
  return jsonAnswer(status, { message } satisfies ErrorResponse, headers);
}

export function textAnswer(status: number, body: string, headers: Answer['headers'] = {}): Answer {
  return { status, headers: { ...text, ...headers }, body };
}
