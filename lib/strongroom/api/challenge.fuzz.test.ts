/**
 * Arbitrary challenges of an API (`WWW-Authenticate`), from the header to what a page does. RC-09, RC-04,
 * RC-06
 * @see RFC 9110 §11.6.1
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { useEnvironment } from '../testing/environment';
import { budget } from '../testing/fuzz-budget';
import { buildSession } from '../testing/sessions';
import type { ApiResult } from './api-result';
import { sendApiRequest } from './send-request';
import { validateApiResponse } from './validate-response';

const granted = ['openid', 'read:contacts'];
const askable = [...granted, 'write:messages'];
const session = buildSession();
let header = '';
let status = 403;
vi.mock('../base/http-client', async (importOriginal) => ({
  ...(await importOriginal<typeof import('../base/http-client')>()),
  sendForText: async () => new Response('{}', { status, headers: { 'www-authenticate': header } }),
}));
beforeAll(() => useEnvironment());

async function ask(challenge: string, as: 401 | 403): Promise<ApiResult<unknown>> {
  [header, status] = [challenge, as];
  const response = await sendApiRequest(session, { method: 'POST', path: ['a'] });
  expect(response).toMatchObject({ kind: 'response', status });
  const rules = {
    schema: z.unknown(),
    granted,
    askable,
    tokenFingerprint: 'pseudonym',
    isBound: false,
    isSatisfied: () => false,
  };
  return validateApiResponse(response, rules);
}

function expectSound(result: ApiResult<unknown>, as: 401 | 403): void {
  switch (result.kind) {
    case 'insufficient_scope':
      return void expect([as, result.scope]).toEqual([403, 'write:messages']);
    case 'insufficient_user_authentication': {
      const { maxAgeSec, acrValues } = result.requirement;
      expect(as).toBe(401);
      expect(acrValues.join(' ')).toMatch(/^[\x21-\x7e ]{0,120}$/);
      return void expect(maxAgeSec === null || (maxAgeSec >= 0 && maxAgeSec <= 365 * 24 * 3600)).toBe(true);
    }
    default:
      expect(result).toEqual(
        as === 403
          ? { kind: 'access_denied' }
          : expect.objectContaining({
              kind: expect.stringMatching(/^(invalid_token|access_denied|dpop_required)$/),
            }),
      );
  }
}

const fragments = [
  ...[
    'Bearer',
    'bearer',
    'Basic',
    'DPoP',
    'Negotiate',
    'Digest',
    ' ',
    ' ',
    ', ',
    ',',
    ',,',
    '\t',
    '=',
    '==',
    '"',
    '\\"',
    '\\',
    ';',
  ],
  ...[
    'error',
    'ERROR',
    'scope',
    'max_age',
    'acr_values',
    'realm',
    '__proto__',
    'constructor',
    'error*',
    'YWJj==',
  ],
  ...[
    'error="insufficient_scope"',
    'scope="write:messages"',
    'scope="admin read:contacts"',
    'scope=write:messages',
  ],
  ...[
    'error="insufficient_user_authentication"',
    'max_age="300"',
    'max_age=1e9',
    'acr_values="a b"',
    'realm="a, Bearer b=\\"c"',
  ],
  ...[
    'error="insufficient_scope',
    'resource_metadata="http://127.0.0.1:9/"',
    'ž',
    'a'.repeat(2_000),
    'a="b",'.repeat(900),
  ],
];
/** Whatever a header can hold: bytes other than CR, LF and NUL. */
const bytes = fc.string({
  unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 12,
});
const anything = fc
  .array(fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...fragments) }, bytes), { maxLength: 14 })
  .map((parts) => [...parts.join('')].filter((one) => one !== '\r' && one !== '\n' && one <= 'ÿ').join(''));

type Wanted = { scheme: string; parameters: [name: string, value: string][] };
const token = fc.constantFrom(
  'insufficient_scope',
  'invalid_token',
  'write:messages',
  'read:contacts',
  'x-1',
  'a.b',
);
const quoted = fc.oneof(
  token,
  fc.constantFrom('a, Bearer error="insufficient_scope"', 'read:contacts write:messages', 'admin', '\\', ''),
);
const parameter = fc.oneof(
  fc.constant<[string, string]>(['error', 'insufficient_scope']),
  fc.tuple(
    fc.constantFrom('error', 'scope', 'scope', 'realm', 'error_description', 'resource_metadata'),
    quoted,
  ),
);
const wanted: fc.Arbitrary<Wanted> = fc.record({
  scheme: fc.constantFrom('Bearer', 'Bearer', 'bearer', 'BEARER', 'Basic', 'Digest', 'DPoP'),
  parameters: fc.uniqueArray(parameter, { minLength: 1, maxLength: 4, selector: ([name]) => name }),
});

/** As a server may write it: in any case, quoted or not, with space or without. */
function write({ scheme, parameters }: Wanted, { isUpper, isQuoted, comma, equals }: Style): string {
  const list = parameters.map(([name, value]) => {
    const isToken = /^[\w.-]+$/.test(value) && !isQuoted;
    const text = isToken ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
    return (isUpper ? name.toUpperCase() : name) + equals + text;
  });
  return `${scheme} ${list.join(comma)}`;
}
type Style = { isUpper: boolean; isQuoted: boolean; comma: string; equals: string };
const style: fc.Arbitrary<Style> = fc.record({
  isUpper: fc.boolean(),
  isQuoted: fc.boolean(),
  comma: fc.constantFrom(',', ', ', ' , ', ',\t', ',, '),
  equals: fc.constantFrom('=', ' = '),
});

describe('arbitrary challenges', () => {
  it('RC-09: never throw, and never ask the user for a permission or a sign-in that is not allowed', async () => {
    const run = fc.asyncProperty(anything, fc.constantFrom<401 | 403>(401, 403), async (challenge, as) =>
      expectSound(await ask(challenge, as), as),
    );
    await fc.assert(run, budget(10_000));
  });

  it('RC-09: that are well formed are understood: the first Bearer challenge with a scope counts, among any others', async () => {
    let understood = 0;
    const run = fc.asyncProperty(
      fc.array(wanted, { minLength: 1, maxLength: 4 }),
      style,
      async (list, how) => {
        const result = await ask(list.map((one) => write(one, how)).join(how.comma), 403);
        const ours = list.find(
          ({ scheme, parameters }) =>
            /^bearer$/i.test(scheme) && new Map(parameters).get('error') === 'insufficient_scope',
        );
        const scopes = new Map(ours?.parameters).get('scope')?.split(' ') ?? [];
        const isAskable = scopes.includes('write:messages');
        understood += isAskable ? 1 : 0;
        expect(result).toEqual(
          isAskable ? { kind: 'insufficient_scope', scope: 'write:messages' } : { kind: 'access_denied' },
        );
      },
    );
    await fc.assert(run, budget(3_000));
    expect(understood).toBeGreaterThan(30);
  });

  it.each([
    ['parameters', `Bearer ${'a=b,'.repeat(25_000)}`],
    ['schemes', 'a '.repeat(50_000)],
    ['a quoted string without end', `Bearer error="${'\\'.repeat(100_000)}`],
    ['commas', `Bearer error="insufficient_scope", scope="write:messages"${','.repeat(100_000)}`],
  ])('RC-09: 100 kB of %s are not read at all', async (_what, challenge) => {
    const match = vi.spyOn(String.prototype, 'match');
    const result = await ask(challenge, 403);
    const read = match.mock.contexts.filter((text) => String(text).length > 4_096);
    match.mockRestore();
    expect([result, read]).toEqual([{ kind: 'access_denied' }, []]);
  });
});
