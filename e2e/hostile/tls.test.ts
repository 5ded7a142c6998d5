/** A token endpoint whose certificate is wrong receives neither code nor credentials. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createVisitor } from './attacks.ts';
import { signIn } from './journey.ts';
import type { OutcomeName } from './outcomes.ts';
import { handleToken } from './token-endpoint.ts';
import { observe } from './trial.ts';
import { startWorld, type World } from './world.ts';

const pathOf = (name: string) => join(import.meta.dirname, 'tls', name);
const contextOf = (name: string) => ({
  key: readFileSync(pathOf('test-only-key.pem')),
  cert: readFileSync(pathOf(`${name}.pem`)),
});

let world: World;
let secure: Server;
let requests = 0;
beforeAll(async () => {
  secure = createServer(contextOf('right'), async (request, response) => {
    requests += 1;
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', url = '', headers } = request;
    // The next request needs a new handshake.
    response.setHeader('connection', 'close');
    handleToken(world.server, { method, url: new URL(url, 'https://127.0.0.1'), headers, body }, response);
  });
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
  const { port } = secure.address() as AddressInfo;
  world = await startWorld((server) => {
    server.metadata = { members: { token_endpoint: `https://127.0.0.1:${port}/token` } };
    return { NODE_EXTRA_CA_CERTS: pathOf('authority.pem') };
  });
});
afterAll(async () => {
  await world?.close();
  secure?.closeAllConnections();
  await new Promise((resolve) => secure?.close(resolve));
});

it.each<[string, string, OutcomeName, number]>([
  ['that is self-signed is sent no code', 'self-signed', 'temporarily_unavailable', 0],
  ['that has expired is sent no code', 'expired', 'temporarily_unavailable', 0],
  ['of another host is sent no code', 'other-host', 'temporarily_unavailable', 0],
  ['that is right is sent the code once', 'right', 'signed_in', 1],
])('TK-07: a token endpoint with a certificate %s', async (_what, certificate, outcome, exchanges) => {
  secure.setSecureContext(contextOf(certificate));
  const before = requests;
  const { user, browser } = createVisitor(world);
  await observe(world, { browser, outcome, signedIn: outcome === 'signed_in' ? user : null }, () =>
    signIn(world, browser),
  );
  expect(requests - before).toBe(exchanges);
});
