import { describe, expect, test } from '@jest/globals';
import {
  credentialSetsOf,
  maxCredentialSets,
} from '../../../../../src/watch/controller/usage/credential-sets.ts';
import { record } from '../records.ts';

describe('the credential sets of the users of an image', () => {
  test('equal ones are one, those of most users come first', () => {
    const users = [
      record({ name: 'a', pullSecrets: ['one'] }),
      record({ name: 'b', pullSecrets: ['two'] }),
      record({ name: 'c', pullSecrets: ['two'] }),
      record({ name: 'd', pullSecrets: ['two'], serviceAccount: 'robot' }),
    ];
    expect(credentialSetsOf({ users })).toEqual({
      sets: [
        { serviceAccount: 'default', pullSecrets: ['two'] },
        { serviceAccount: 'default', pullSecrets: ['one'] },
        { serviceAccount: 'robot', pullSecrets: ['two'] },
      ],
      more: 0,
    });
  });

  test('there are only so many of them, and it is told how many are left out', () => {
    const users = Array.from({ length: 40 }, (_, i) => record({ name: `p${i}`, serviceAccount: `s${i}` }));
    const { sets, more } = credentialSetsOf({ users });
    expect([sets.length, more]).toEqual([maxCredentialSets, 40 - maxCredentialSets]);
  });

  test('the order of the secrets matters, as it does for the kubelet', () => {
    const users = [
      record({ name: 'a', pullSecrets: ['a', 'b'] }),
      record({ name: 'b', pullSecrets: ['b', 'a'] }),
    ];
    expect(credentialSetsOf({ users }).sets).toHaveLength(2);
  });
});
