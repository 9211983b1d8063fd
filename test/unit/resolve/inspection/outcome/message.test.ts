import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  attemptWords,
  failureMessage,
  platformWords,
  staleMessage,
} from '../../../../../src/resolve/inspection/outcome/message.ts';
import { parseReference } from '../../../../../src/resolve/reference/parse.ts';
import { anyText } from '../../../../kit/fakes/any-text.ts';
import { attempt } from '../../../../kit/fakes/inspections.ts';

const reference = parseReference('nginx:1.99');
const mirror = attempt({ result: 'not-found', status: 404, durationMs: 3 });
const manifests = 'https://mirror.corp:5000/v2/library/nginx/manifests';

describe('what one endpoint said', () => {
  test.each([
    [`GET ${manifests}/1.99 answered 404`, ' answered 404'],
    [`HEAD ${manifests}/1.99: connection refused`, ': connection refused'],
    [`GET ${manifests}/sha256:${'a'.repeat(64)}: the body is too large`, ': the body is too large'],
    ['GET https://auth.corp/token answered 503', ': GET https://auth.corp/token answered 503'],
    ['not asked: the time was up', ' not asked: the time was up'],
  ])('%s', (message, words) => {
    expect(attemptWords({ ...mirror, message })).toBe(`mirror https://mirror.corp:5000/v2${words}`);
  });
});

describe('why an image is not to be had', () => {
  const attempts = [{ ...mirror, message: `GET ${manifests}/1.99 answered 404` }];
  const tried = 'mirror https://mirror.corp:5000/v2 answered 404';

  test.each([
    ['not-found', null, null, `does not exist. Check the tag, or push the image.\n${tried}`],
    [
      'not-found',
      null,
      'config blob sha256:1',
      `is incomplete, its config blob sha256:1 is missing. Push the image again.\n${tried}`,
    ],
    [
      'denied',
      null,
      null,
      `does not exist, or needs credentials that Pratique was not given. Check the name and the pull secrets.\n${tried}`,
    ],
    [
      'unavailable',
      null,
      null,
      `could not be checked. Retry, and repair the endpoints that failed.\n${tried}`,
    ],
    [
      'unavailable',
      null,
      'config blob sha256:1',
      `could not be checked, because its config blob sha256:1 could not be read. Retry, and repair the endpoints that failed.\n${tried}`,
    ],
    [
      'unavailable',
      'Timeout',
      null,
      `was not checked in time. The check continues in the background; retry shortly.\n${tried}`,
    ],
    [
      'unavailable',
      'NodeLocalOnly',
      null,
      `cannot be checked from here. Only the nodes themselves can reach these endpoints.\n${tried}`,
    ],
    ['not-found', 'Blocked', null, `is blocked. Use an allowed registry, or allow this one.\n${tried}`],
  ] as const)('%s, %s, part %s', (result, reason, part, message) => {
    expect(failureMessage(reference, { result, reason }, attempts, part)).toBe(message);
  });

  test('the message is bounded and has at most one line for each endpoint, whatever they answer', () => {
    fc.assert(
      fc.property(fc.array(anyText({ maxLength: 2_000 }), { maxLength: 50 }), (messages) => {
        const many = messages.map((message) => ({ ...mirror, message }));
        const all = { result: 'unavailable', reason: null } as const;
        const words = failureMessage(reference, all, many, null);
        expect(words.length).toBeLessThan(1_700);
        expect(words.split(/[\r\n]/).length).toBeLessThanOrEqual(messages.length + 1);
      }),
    );
  });
});

test('at most five platforms are named', () => {
  const linux = { os: 'linux', variant: '', osVersion: '', osFeatures: [] };
  const seven = ['amd64', 'arm64', 'arm', '386', 's390x', 'ppc64le', 'riscv64'];
  expect(platformWords(seven.map((architecture) => ({ ...linux, architecture })))).toBe(
    'linux/amd64, linux/arm64, linux/arm, linux/386, linux/s390x, +2',
  );
});

test.each([
  [45_000, '45 s'],
  [600_000, '10 min'],
  [20 * 3_600_000, '20 h'],
])('an answer from %i ms ago', (ms, age) => {
  expect(staleMessage('before', ms, 'now')).toBe(`before; that was ${age} ago, now: now`);
});
