import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { type GuardedServer, startGuardedServer } from '../testing/guarded-server';

let guarded: GuardedServer;
beforeEach(async () => {
  useEnvironment({ AUTH_URL: 'https://app.example' });
  guarded = await startGuardedServer();
});
afterEach(() => guarded.close());

const headOf = (bytes: number) =>
  `POST /sign-in HTTP/1.1\r\nHost: app.example\r\nContent-Type: text/plain\r\nContent-Length: ${bytes}\r\n\r\n`;

/** Sends the body once the response has begun, as a client whose body is under way. */
function post(bytes: number): Promise<{ response: string; wasReset: boolean }> {
  const { port } = guarded.server.address() as AddressInfo;
  return new Promise((resolve) => {
    let response = '';
    let wasReset = false;
    const socket = connect(port, '127.0.0.1', () => socket.write(headOf(bytes)));
    socket.once('data', () => socket.write('a'.repeat(bytes)));
    socket.on('data', (chunk) => {
      response += chunk;
    });
    socket.on('error', () => {
      wasReset = true;
    });
    socket.on('close', () => resolve({ response, wasReset }));
  });
}

it('RL-05: a client that is still sending a form that is too large gets the response, and no reset', async () => {
  const { response, wasReset } = await post(2_000_000);
  expect(response).toMatch(/^HTTP\/1\.1 413 [\s\S]*Rejected with 413/);
  expect(wasReset).toBe(false);
});

it('RL-02: what comes beyond a few megabytes is not read', async () => {
  const { response, wasReset } = await post(50_000_000);
  expect(response).toMatch(/^HTTP\/1\.1 413 /);
  expect(wasReset).toBe(true);
});

it('RL-02: a body that never comes holds the connection for a moment only', async () => {
  const response = await guarded.exchange(headOf(2_000_000));
  expect(response).toMatch(/^HTTP\/1\.1 413 /);
});
