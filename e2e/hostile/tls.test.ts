/** A token endpoint behind a certificate that is not its own: neither code nor credentials are sent to it. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { arrive } from './attacks.ts';
import { signIn } from './journey.ts';
import type { OutcomeName } from './outcomes.ts';
import { answerToken } from './token-endpoint.ts';
import { observe } from './trial.ts';
import { startWorld, type World } from './world.ts';

const pathOf = (name: string) => join(import.meta.dirname, 'tls', name);
const contextOf = (name: string) => ({
  key: readFileSync(pathOf('test-only-key.pem')),
  cert: readFileSync(pathOf(`${name}.pem`)),
});

let world: World;
let secure: Server;
let heard = 0;
beforeAll(async () => {
  world = await startWorld({ NODE_EXTRA_CA_CERTS: pathOf('authority.pem') });
  secure = createServer(contextOf('right'), async (request, response) => {
    heard += 1;
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', url = '', headers } = request;
    // The next request shakes hands anew.
    response.setHeader('connection', 'close');
    answerToken(world.server, { method, url: new URL(url, 'https://127.0.0.1'), headers, body }, response);
  });
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
  const { port } = secure.address() as AddressInfo;
  world.server.metadata = { members: { token_endpoint: `https://127.0.0.1:${port}/token` } };
});
afterAll(async () => {
  await world?.close();
  secure?.closeAllConnections();
  await new Promise((resolve) => secure?.close(resolve));
});

it.each<[string, string, OutcomeName, number]>([
  ['one that nobody has signed', 'self-signed', 'U-ASDOWN', 0],
  ['one that has expired', 'expired', 'U-ASDOWN', 0],
  ['one of another host', 'other-host', 'U-ASDOWN', 0],
  ['the right one', 'right', 'U-OK', 1],
])(
  'TK-07: %s: the token endpoint hears as much as its certificate is worth',
  async (_what, certificate, outcome, exchanges) => {
    secure.setSecureContext(contextOf(certificate));
    const before = heard;
    const { person, browser } = arrive(world);
    await observe(world, { browser, outcome, signedIn: outcome === 'U-OK' ? person : null }, () =>
      signIn(world, browser),
    );
    expect(heard - before).toBe(exchanges);
  },
);
