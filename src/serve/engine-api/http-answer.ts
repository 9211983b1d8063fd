/** Answer of the Engine API: status, headers and a body that the OpenAPI document allows. */
import type { ErrorResponse } from './generated/schemas.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The content type must have no charset: otherwise Go's client does not read the message of an error. */
const json = { 'content-type': 'application/json' };
const text = { 'content-type': 'text/plain; charset=utf-8' };

/** Returns a JSON answer. It ends with a newline, as every JSON answer of dockerd does. */
export function jsonAnswer(status: number, body: object, headers: Answer['headers'] = {}): Answer {
  return { status, headers: { ...json, ...headers }, body: `${JSON.stringify(body)}\n` };
}

export function errorAnswer(status: number, message: string, headers: Answer['headers'] = {}): Answer {
  return jsonAnswer(status, { message } satisfies ErrorResponse, headers);
}

export function textAnswer(status: number, body: string, headers: Answer['headers'] = {}): Answer {
  return { status, headers: { ...text, ...headers }, body };
}
