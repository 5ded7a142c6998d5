import { expect, test } from 'vitest';
import { hasRepeatedKeys } from './repeated-keys.ts';

test.each([
  '{"a":1,"a":2}',
  '{"a":1,"\\u0061":2}',
  '{"x":{"a":1,"b":[],"a":2}}',
  '[{"a":1},{"b":1,"b":1}]',
  '{"a":{"a":1},"a":1}',
  '{ "__proto__" : 1 , "__proto__" : 2 }',
])('RS-14: %s names a key twice', (json) => expect(hasRepeatedKeys(json)).toBe(true));

test.each([
  '{}',
  '[]',
  '"a:a"',
  '{"a":"a","b":"a"}',
  '{"a":{"a":{"a":1}}}',
  '[{"a":1},{"a":1}]',
  '{"a":"{\\"a\\":1,\\"a\\":2}"}',
  '{"a":["a","a"]}',
])('RS-14: %s does not', (json) => expect(hasRepeatedKeys(json)).toBe(false));
