/** `npm run dev` in a copy, as in a terminal of its own: Ctrl-C reaches all its processes. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildClaims,
  createTestKey,
  signToken,
  startTestAuthorizationServer,
  type TestAuthorizationServer,
  type TestKey,
} from '../../sample/api/testing/test-authorization-server.ts';
import { findFreePorts } from '../../scripts/ports.ts';

export type Development = {
  /** What was printed until it was ready, or until it ended by itself. */
  output: string;
  /** With the exit code, when it ended by itself. */
  exitCode: number | null;
  close(): Promise<void>;
};

/** Only what hangs takes as long, on a slow machine too. */
const maxMs = 15 * 60_000;

/** @param files of settings, by name */
export async function runDevelopment(
  copy: string,
  files: Readonly<Record<string, Readonly<Record<string, string>>>>,
  env: Readonly<Record<string, string>>,
): Promise<Development> {
  for (const [name, values] of Object.entries(files)) {
    const lines = Object.entries(values).map(([variable, value]) => `${variable}=${value}\n`);
    writeFileSync(join(copy, name), lines.join(''));
  }
  const { PATH, HOME, TMPDIR } = process.env;
  const options = {
    cwd: copy,
    detached: true,
    env: { PATH, HOME, TMPDIR, ...env } as unknown as NodeJS.ProcessEnv,
  };
  const child = spawn('npm', ['run', 'dev'], options);
  const exited = once(child, 'exit');
  let output = '';
  const ready = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (output.includes('Ctrl-C ends')) resolve();
      });
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), maxMs);
  await Promise.race([ready, exited]);
  clearTimeout(timer);
  const close = async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), 'SIGINT');
    await exited;
  };
  return { output, exitCode: child.exitCode, close };
}

/** A developer's authorization server, and their settings for it. */
export function createOwnServer() {
  let key: TestKey;
  let server: TestAuthorizationServer;
  const audience = 'urn:ledger';
  const ports: Record<string, string> = {};
  const settings = {
    AUTH_ISSUER: '',
    AUTH_CLIENT_ID: 'ledger-web',
    AUTH_CLIENT_SECRET: randomBytes(24).toString('base64url'),
    AUTH_AUDIENCE: audience,
  };
  return {
    settings,
    ports,
    get issuer() {
      return server.issuer;
    },
    async start() {
      const names = ['PORT', 'SAMPLE_AS_PORT', 'SAMPLE_API_PORT', 'SAMPLE_CALENDAR_PORT'];
      for (const [index, port] of (await findFreePorts(4)).entries()) ports[names[index] ?? ''] = `${port}`;
      key = await createTestKey('key-1');
      server = await startTestAuthorizationServer([key]);
      const { issuer } = server;
      settings.AUTH_ISSUER = issuer;
      server.discovery = { authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` };
    },
    /** With an access token of that server. */
    async askApi() {
      const token = await signToken({ claims: buildClaims(server.issuer, audience), key });
      const headers = { authorization: `Bearer ${token}` };
      return fetch(`http://127.0.0.1:${ports.SAMPLE_API_PORT}/contacts`, { headers });
    },
    startSignIn() {
      const headers = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate' };
      return fetch(`http://localhost:${ports.PORT}/auth/sign-in`, { redirect: 'manual', headers });
    },
    close: async () => server?.close(),
  };
}
