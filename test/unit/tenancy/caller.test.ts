import { expect, test } from 'vitest';
import { mayUse, readTokenScopes, type TokenScope } from '../../../src/tenancy/caller.ts';

const TENANTS_OWN: TokenScope[] = ['processes:read', 'processes:write', 'files', 'sandboxes'];

test.each<[string, unknown, TokenScope[]]>([
  ['no claim', undefined, TENANTS_OWN],
  ['null', null, TENANTS_OWN],
  ['one', 'files', ['files']],
  ['several in one text', 'admin processes:read', ['processes:read', 'admin']],
  ['a list', ['sandboxes', 'files'], ['files', 'sandboxes']],
  ['those of an identity provider beside ours', 'openid profile files', ['files']],
  ['none of ours', 'openid', []],
  ['an empty text', '', []],
  ['an empty list', [], []],
  ['a part of a name', 'processes', []],
  ['another case', 'ADMIN', []],
  ['a wildcard', '*', []],
  ['a list in a list', [['admin']], []],
  ['an object', { admin: true }, []],
  ['a number', 1, []],
  ['true', true, []],
])('the scope claim: %s', (_title, claim, expected) => {
  expect([...readTokenScopes(claim)]).toEqual(expected);
});

test.each<[TokenScope[], TokenScope, boolean]>([
  [['files'], 'files', true],
  [['files'], 'sandboxes', false],
  [['processes:write'], 'processes:read', false],
  [[], 'files', false],
  [['admin'], 'files', true],
  [TENANTS_OWN, 'admin', false],
])('%j may use %s: %s', (scopes, wanted, expected) => {
  expect(mayUse({ scopes: new Set(scopes) }, wanted)).toBe(expected);
});
