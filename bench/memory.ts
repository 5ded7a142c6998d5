/**
 * `npm run bench:memory`: users click for minutes while the application runs with the flags of `npm start`, in as
 * much memory as a small host has. No request may fail, and the process must not be ended for its memory.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startTestStack } from '../e2e/support/test-stack.ts';
import { readPeakMb, readResidentMb } from '../scripts/resident-memory.ts';
import { readFlags } from './flags.ts';
import { limitMemory } from './memory-limit.ts';
import { printTable } from './report.ts';
import { type BenchUser, isAskedToSignIn, nextClick, signInUsers } from './users.ts';

const flags = readFlags(
  { users: 50, minutes: 5, megabytes: 256 },
  { users: 200, minutes: 60, megabytes: 4_096 },
);
const reportMs = 30_000;
const tally = { requests: 0, failed: 0, lost: 0 };
const stack = await startTestStack({ SAMPLE_EXTRA_ACCOUNTS: String(flags.users) });
const isGood = await run().finally(() => stack.close());
process.exit(isGood ? 0 : 1);

async function run(): Promise<boolean> {
  await stack.stop('application');
  const limit = limitMemory(flags.megabytes);
  const start = () => stack.start('application', { NODE_OPTIONS: readStartFlags() });
  await (limit === null ? start() : limit.around(start));
  const pid = stack.pidOf('application') ?? 0;
  if (limit === null)
    console.log('No limit can be set here (it takes root and Linux): memory is only measured.');
  const hasExited = { value: false };
  void stack.firstEnd.then(() => {
    hasExited.value = true;
  });
  console.log(`${flags.users} users sign in …`);
  const users = await signInUsers(stack, flags.users);
  const endMs = performance.now() + flags.minutes * 60_000;
  const clicking = users.map((user) => click(user, endMs));
  while (performance.now() < endMs - reportMs && !hasExited.value) {
    await pause(reportMs);
    console.log(`  ${tally.requests} requests, ${tally.failed} failed, ${readResidentMb(pid)} MB`);
  }
  await Promise.all(clicking);
  printTable([
    ['users', String(flags.users)],
    ['requests', String(tally.requests)],
    ['failed', String(tally.failed)],
    ['sessions lost', String(tally.lost)],
    ['limit, MB', limit === null ? 'none' : String(flags.megabytes)],
    ['most resident memory, MB', String(readPeakMb(pid))],
    ['most within the limit, with files, MB', limit === null ? '' : String(limit.readPeakMb())],
    ['ended for its memory', hasExited.value ? 'YES' : 'no'],
  ]);
  const isWithin = readPeakMb(pid) <= flags.megabytes;
  await stack.stop('application');
  limit?.remove();
  return tally.failed + tally.lost === 0 && !hasExited.value && isWithin;
}

/** The shipped command decides how much the heap may hold. */
function readStartFlags(): string {
  const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));
  return (String(scripts.start).match(/--max-\S+/g) ?? []).join(' ');
}

async function click(user: BenchUser, endMs: number): Promise<void> {
  while (performance.now() < endMs) {
    const address = stack.appOrigin + (await nextClick());
    tally.requests += 1;
    const page = await user.browser.visit(address).catch(() => null);
    if (page === null || page.status >= 500) tally.failed += 1;
    else if (isAskedToSignIn(page)) tally.lost += 1;
  }
}
