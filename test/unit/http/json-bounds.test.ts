import { describe, expect, it } from 'vitest';
import { beyondBounds } from '../../../src/http/json-bounds.ts';

const look = (json: string) => beyondBounds(Buffer.from(json), { depth: 3, parts: 4 });

describe('a JSON text', () => {
  it.each([
    '',
    '1',
    '"text"',
    '{}',
    '[[[]]]',
    '[{"a":[1]}]',
    '[1,2,3,4]',
    '{"a":1,"b":2,"c":[3,4]}',
    '"[[[[[[,,,,,,{{{{{{"',
    '["[[[[", "\\"[[[[,,,,,", "\\\\", "€[[[["]',
    '[[[]],[[]],[]]',
    '[[[',
    ']]]]]][[[',
    '"never ends [[[[[[,,,,,,',
    '"ends in a backslash \\',
  ])('is within bounds: %s', (json) => {
    expect(look(json)).toBeUndefined();
  });

  it.each([
    ['[[[[]]]]', /nested more than 3/],
    ['{"a":{"b":{"c":{}}}}', /nested more than 3/],
    ['[[[[', /nested more than 3/],
    ['["\\\\",[[[', /nested more than 3/],
    ['[1,2,3,4,5]', /more than 4 members/],
    ['{"a":[1,2],"b":[3,4],"c":5}', /more than 4 members/],
    ['["\\"",1,2,3,4]', /more than 4 members/],
  ])('is over them: %s', (json, words) => {
    expect(look(json)).toMatch(words);
  });

  it('of eight million brackets is found out at the first that is too many', () => {
    expect(look('['.repeat(8_000_000))).toMatch(/nested/);
  });
});
