import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findFreePorts } from '../../scripts/ports.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strongroom-main-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs `main.ts`. `onReady` is called when it says that it is ready. */
async function runMain(
  env: Record<string, string>,
  onReady?: (end: (signal: NodeJS.Signals) => void) => void,
) {
  const main = new URL('./main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [main], {
    env: { NODE_ENV: 'test', SAMPLE_STATE_FOLDER: folder, ...env },
  });
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk;
    if (output.includes('API ready')) onReady?.((signal) => child.kill(signal));
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}

async function holdPort() {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port: String(port), release: () => new Promise((resolve) => server.close(resolve)) };
}

test('it says when it is ready and ends cleanly when it is told to', async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const [port, calendarPort] = await findFreePorts(2);
    const ports = { SAMPLE_API_PORT: `${port}`, SAMPLE_CALENDAR_PORT: `${calendarPort}` };
    const { code, output } = await runMain(ports, (end) => end(signal));
    expect(output).toBe(`API ready on http://127.0.0.1:${port}\n`);
    expect(code).toBe(0);
  }
});

test('a taken port is named', async () => {
  const { port, release } = await holdPort();
  const [free] = await findFreePorts(1);
  const { code, output } = await runMain({ SAMPLE_API_PORT: port, SAMPLE_CALENDAR_PORT: `${free}` });
  expect(code).toBe(1);
  expect(output).toContain(`Port ${port} is taken.`);
  await release();
});

test('OP-02: it refuses to be taken for production', async () => {
  const { code, output } = await runMain({ NODE_ENV: 'production', SAMPLE_API_PORT: '1' });
  expect(code).toBe(1);
  expect(output).toContain('NODE_ENV=production');
});
