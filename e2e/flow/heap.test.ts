/** Requests without end, from one address and from many, while the heap is as small as `npm start` allows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sendRaw } from '../support/raw-request.ts';
import { listServerActions } from '../support/server-actions.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
  const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
  const NODE_OPTIONS = String(scripts.start.match(/--max-\S+/g).join(' '));
  await stack.stop('application');
  await stack.start('application', { NODE_OPTIONS, TRUSTED_PROXY_HOPS: '1' });
});
afterAll(() => stack.close());

type Flood = { count: number; path: string; isFromMany?: boolean; body?: string };

/** @returns the statuses, each once; 0 is a connection without a response */
async function flood({ count, path, isFromMany = false, body }: Flood): Promise<number[]> {
  const action = {
    'content-type': 'text/plain;charset=UTF-8',
    'next-action': listServerActions()[0]?.id ?? '',
    origin: stack.appOrigin,
  };
  const responses = Array.from({ length: count }, (_, number) => {
    const address = { 'x-forwarded-for': `10.${isFromMany ? number >> 8 : 0}.${number & 255}.1` };
    const from = isFromMany ? address : { 'x-forwarded-for': '198.51.100.1' };
    return body === undefined
      ? sendRaw(stack.appOrigin, path, { headers: from })
      : sendRaw(stack.appOrigin, path, { method: 'POST', headers: { ...from, ...action }, body });
  });
  return [...new Set((await Promise.all(responses)).map(({ status }) => status))].toSorted();
}

const values = (bytes: number) => `[${'{},'.repeat(bytes / 3 - 1)}{}]`;

it.each<[string, Flood]>([
  ['pages', { count: 1_500, path: '/' }],
  ['pages of many addresses', { count: 1_500, path: '/sign-in', isFromMany: true }],
  ['actions', { count: 800, path: '/', body: '[]' }],
  ['large actions', { count: 64, path: '/', body: values(240_000) }],
])('RL-03: more %s at once than the heap has room for do not end the process', async (_what, asked) => {
  const pid = stack.pidOf('application');
  expect(await flood(asked)).toEqual([200, 429]);
  expect(stack.pidOf('application')).toBe(pid);
  expect((await sendRaw(stack.appOrigin, '/')).status).toBe(200);
  expect(stack.appEvents('rate_limit_reached')).toContainEqual(
    expect.objectContaining({ endpoint: 'memory' }),
  );
});
