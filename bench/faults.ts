/**
 * What goes wrong with the authorization server during a soak: one fault after the other, with calm in
 * between.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from '../e2e/support/fault-proxy.ts';
import type { TestStack } from '../e2e/support/test-stack.ts';

const faultMs = 15_000;
const calmMs = 10_000;

/**
 * Each strikes before the request reaches the server: a rotation whose response is lost would sign a user out
 * rightly.
 */
const faults: { name: string; fault: Fault | 'restart' }[] = [
  { name: 'it is restarted', fault: 'restart' },
  { name: 'it is slow (3 s)', fault: { kind: 'delay', ms: 3_000 } },
  { name: 'it responds with 503', fault: { kind: 'respond', status: 503 } },
  { name: 'it closes connections', fault: { kind: 'reset' } },
  {
    name: 'it responds with 429, Retry-After: 1',
    fault: { kind: 'respond', status: 429, headers: { 'retry-after': '1' } },
  },
  {
    name: 'it responds with a page',
    fault: {
      kind: 'respond',
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<html>Maintenance</html>',
    },
  },
];

/** One after the other until shortly before the end: the last pages show whether all sessions recovered. */
export async function playFaults(stack: TestStack, endMs: number): Promise<void> {
  const { proxy } = stack;
  if (proxy === null) throw new Error('nothing stands in front of the authorization server');
  for (let round = 0; performance.now() + faultMs + 2 * calmMs < endMs; round += 1) {
    await pause(calmMs);
    const { name, fault } = faults[round % faults.length] ?? { name: '', fault: 'restart' };
    console.log(`  the authorization server: ${name}`);
    if (fault === 'restart') await restart(stack);
    else {
      proxy.chooseFault = (method, path) => (method === 'POST' && path === '/oauth/token' ? fault : null);
      await pause(faultMs);
      proxy.chooseFault = () => null;
    }
  }
}

async function restart(stack: TestStack): Promise<void> {
  await stack.stop('authorization server');
  await pause(faultMs / 2);
  await stack.start('authorization server');
}
