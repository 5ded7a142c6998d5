import { setTimeout as pause } from 'node:timers/promises';
import { startTestStack } from '../e2e/support/test-stack.ts';
import { readResidentMb } from '../scripts/resident-memory.ts';
import { signInUsers } from './users.ts';
const paths = ['/dashboard', '/dashboard/contacts', '/dashboard/contacts?q=an', '/dashboard/messages', '/dashboard/session', '/dashboard/access'];
for (const options of process.argv.slice(3)) {
  const stack = await startTestStack({ SAMPLE_EXTRA_ACCOUNTS: '50', NODE_OPTIONS: options });
  const pid = stack.pidOf('application') ?? 0;
  const idle = readResidentMb(pid);
  const users = await signInUsers(stack, 50);
  const samples: number[] = [];
  const sampling = setInterval(() => samples.push(readResidentMb(pid)), 500);
  const end = performance.now() + Number(process.argv[2]) * 1000;
  let requests = 0, failed = 0; const times: number[] = [];
  await Promise.all(users.map(async ({ browser }) => {
    while (performance.now() < end) {
      await pause(1_000 + Math.random() * 2_000);
      const started = performance.now();
      const page = await browser.visit(stack.appOrigin + paths[Math.floor(Math.random() * 6)]).catch(() => null);
      times.push(performance.now() - started);
      requests += 1;
      if (page?.status !== 200) failed += 1;
    }
  }));
  clearInterval(sampling);
  times.sort((a, b) => a - b);
  console.log(JSON.stringify({ options, idle, peak: Math.max(...samples), last: samples.at(-1), requests, failed, p50: times[times.length >> 1], p95: times[Math.floor(times.length * 0.95)] }));
  await stack.close();
}
process.exit(0);
