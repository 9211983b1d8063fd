import { describe, expect, test } from '@jest/globals';
import {
  distinctCredentialSets,
  maxCredentialSets,
} from '../../../../../src/watch/cluster/lookups/credential-sets.ts';
import { record } from '../../controller/records.ts';

describe('distinctCredentialSets', () => {
  test('merges equal sets and sorts them by number of users', () => {
    const users = [
      record({ name: 'a', pullSecrets: ['one'] }),
      record({ name: 'b', pullSecrets: ['two'] }),
      record({ name: 'c', pullSecrets: ['two'] }),
      record({ name: 'd', pullSecrets: ['two'], serviceAccount: 'robot' }),
    ];
    expect(distinctCredentialSets(users)).toEqual({
      sets: [
        { serviceAccount: 'default', pullSecrets: ['two'] },
        { serviceAccount: 'default', pullSecrets: ['one'] },
        { serviceAccount: 'robot', pullSecrets: ['two'] },
      ],
      more: 0,
    });
  });

  test('limits the sets and counts the rest', () => {
    const users = Array.from({ length: 40 }, (_, i) => record({ name: `p${i}`, serviceAccount: `s${i}` }));
    const { sets, more } = distinctCredentialSets(users);
    expect([sets.length, more]).toEqual([maxCredentialSets, 40 - maxCredentialSets]);
  });

  test('distinguishes sets by the order of their secrets, as the kubelet does', () => {
    const users = [
      record({ name: 'a', pullSecrets: ['a', 'b'] }),
      record({ name: 'b', pullSecrets: ['b', 'a'] }),
    ];
    expect(distinctCredentialSets(users).sets).toHaveLength(2);
  });
});
