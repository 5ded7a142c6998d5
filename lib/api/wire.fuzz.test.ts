/**
 * Arbitrary data of an API, from the body to what a page is given: sound values of bounded size, or no usable
 * response. RC-11
 */
import fc from 'fast-check';
import type { CallResult } from 'strongroom';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { sayExactly, sayWhen } from '@/app/_components/time-words';
import { nowSec } from '@/lib/strongroom/base/clock';
import { runAs } from '@/lib/strongroom/bff/caller';
import { createTestJar } from '@/lib/strongroom/testing/cookie-jar';
import { useEnvironment } from '@/lib/strongroom/testing/environment';
import { budget } from '@/lib/strongroom/testing/fuzz-budget';
import { buildSession, buildTokens } from '@/lib/strongroom/testing/sessions';
import { getContact, searchContacts } from './contacts';
import { listMessages } from './messages';

let body = '';
let status = 200;
vi.mock('@/lib/strongroom/base/http-client', async (importOriginal) => ({
  ...(await importOriginal<typeof import('@/lib/strongroom/base/http-client')>()),
  sendForText: async () => new Response(body, { status, headers: { 'content-type': 'application/json' } }),
}));
beforeAll(() => useEnvironment());

const contact = {
  ...{ id: 'c_1', name: 'Ada', company: null, role: '', email: 'ada@strongroom.test', phone: '', city: '' },
  ...{ country: '', notes: '', updated_at: '2026-01-01T00:00:00Z', picture_updated_at: null },
};
const message = {
  id: 'm_1',
  author: { name: 'Ada' },
  text: 'hello',
  created_at: '2026-01-01T00:00:00Z',
  mine: true,
};
const page = (items: unknown) => ({ items, page: 1, per_page: 20, total: 1 });

const strange = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom<unknown>(
    ...[
      null,
      true,
      7,
      -1,
      1e300,
      2 ** 53,
      '',
      '<script>alert(1)</script>',
      '\u202egnp.exe',
      'a'.repeat(20_000),
      [],
      {},
    ],
    ...[
      '2026-01-01T00:00:00Z',
      '0000-01-01T00:00:00+23:59',
      '9999-12-31T23:59:59.999999999999Z',
      '2026-02-30T00:00:00Z',
    ],
    ...[
      '2024-02-29T23:59:60Z',
      '2026-01-01T00:00:00-00:00',
      '2026-01-01',
      '+275760-09-13T00:00:00Z',
      '2026-01-01T24:00:00Z',
    ],
    ...[`2026-01-01T00:00:00.${'0'.repeat(10_000)}Z`, 'javascript:alert(1)', { __proto__: null, name: 7 }],
  ),
);
type Data = Record<string, unknown>;
const members = (good: Data) => [
  ...Object.keys(good),
  '__proto__',
  'constructor',
  'toString',
  'then',
  'toJSON',
  'length',
];
/** As text, so that __proto__ is a member like every other, and a name may come twice. */
function changed(good: Data, value = strange): fc.Arbitrary<string> {
  const change = fc.tuple(fc.constantFrom(...members(good)), value);
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    const all = [...Object.entries(good), ...changes];
    return `{${all.map(([name, one]) => `${JSON.stringify(name)}:${JSON.stringify(one) ?? 'null'}`).join(',')}}`;
  });
}
const inPage = (item: fc.Arbitrary<string>, pages = changed(page([]), fc.integer())) =>
  fc.tuple(item, pages).map(([one, frame]) => frame.replace('"items":[]', `"items":[${one}]`));

/** Whatever a page shows of it can be shown. */
function expectSound(result: CallResult<unknown>): boolean {
  if (result.kind !== 'ok') expect(result).toEqual({ kind: 'unavailable', reason: 'unexpected_shape' });
  else walk(result.value, 0);
  return result.kind === 'ok';
}

function walk(value: unknown, depth: number, name = ''): void {
  expect(depth).toBeLessThan(4);
  if (typeof value === 'string' && name.endsWith('At')) {
    const atSec = Date.parse(value) / 1000;
    expect(value.length).toBeLessThanOrEqual(40);
    expect(sayWhen(atSec, nowSec()) + sayExactly(atSec)).not.toMatch(/NaN|Invalid/);
  }
  if (typeof value === 'string') expect(value.length).toBeLessThanOrEqual(10_000);
  else if (typeof value === 'number') expect(Number.isSafeInteger(value) && value >= 0).toBe(true);
  else if (typeof value !== 'boolean' && !(value === null && name === 'pictureUpdatedAt')) {
    expect([Object.prototype, Array.prototype]).toContain(Object.getPrototypeOf(value));
    for (const [key, one] of Object.entries(value as object)) walk(one, depth + 1, key);
  }
}

const session = buildSession({ tokens: buildTokens({ expiresAtSec: nowSec() + 3_600 }) });
const asUser = <T>(call: () => Promise<T>): Promise<T> => runAs({ jar: createTestJar(), session }, call);
const calls = {
  'a page of contacts': {
    data: inPage(changed(contact)),
    call: () => searchContacts({ query: '', page: 1 }),
  },
  'one contact': { data: changed(contact), call: () => getContact('c_1') },
  'a page of messages': { data: inPage(changed(message)), call: () => listMessages({ page: 1 }) },
};

describe.each(Object.entries(calls))('%s', (_what, { data, call }) => {
  it('RC-11: with any members of any kind is sound and bounded, or no usable response', async () => {
    let sound = 0;
    const run = fc.asyncProperty(fc.oneof({ weight: 9, arbitrary: data }, fc.json()), async (text) => {
      body = text;
      sound += expectSound(await asUser<CallResult<unknown>>(call)) ? 1 : 0;
    });
    await fc.assert(run, budget(1_000));
    expect(sound).toBeGreaterThan(100);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it.each(['[', '{"a":'])('RC-11: ten thousand levels of %s overflow nothing', async (open) => {
    const deep = `${open.repeat(10_000)}1${(open === '[' ? ']' : '}').repeat(10_000)}`;
    for (const text of [deep, `{"items":${deep},"page":1,"per_page":1,"total":1}`, `{"name":${deep}}`]) {
      body = text;
      expect(await asUser<CallResult<unknown>>(call)).toEqual({
        kind: 'unavailable',
        reason: 'unexpected_shape',
      });
    }
  });
});

describe('what is not valid', () => {
  it('RC-11: of any shape is a bounded list of plain words', async () => {
    const problem = changed({ field: 'text', message: 'is too long' });
    const list = fc
      .array(fc.oneof(problem, fc.json()), { maxLength: 60 })
      .map((some) => `{"errors":[${some.join(',')}]}`);
    const run = fc.asyncProperty(fc.oneof(list, fc.json(), fc.string()), async (text) => {
      [body, status] = [text, 422];
      const result = await asUser(() => searchContacts({ query: '', page: 1 }));
      status = 200;
      const problems = result.kind === 'invalid' ? result.problems : null;
      expect(problems?.length).toBeLessThanOrEqual(50);
      for (const { message: words } of problems ?? [])
        expect(words).toMatch(/^[^\p{Cc}\u202a-\u202e]{1,300}$/u);
    });
    await fc.assert(run, budget(1_000));
  });
});
