import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { type GuardedServer, startGuardedServer } from '../testing/guarded-server';
import { noteActionReached } from './action-request';

let guarded: GuardedServer;
beforeEach(async () => {
  useEnvironment({ AUTH_URL: 'https://app.example' });
  guarded = await startGuardedServer();
});
afterEach(() => guarded.close());

describe('a form that Next answers with a bare line', () => {
  const multipart = 'Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 0\r\n';
  const post = (headers = multipart) => guarded.get('/', headers, 'POST');
  const respond = (status: number, headers: Record<string, string> = {}) => {
    guarded.listener = (_request, response) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      response.statusCode = status;
      response.write('bare ');
      response.end('line');
    };
  };

  it('RL-05: because it cannot decode it gets 400 and the page, and keeps the cookies that were set', async () => {
    respond(500, { 'set-cookie': 'a=b', 'content-type': 'text/x-component', 'content-encoding': 'br' });
    const response = await post();
    expect(response).toMatch(/^HTTP\/1\.1 400 [\s\S]*<h1>Rejected with 400<\/h1><p>Reference \S+<\/p>$/);
    expect(response).toMatch(/set-cookie: a=b/i);
    expect(response).not.toMatch(/content-encoding|x-component|bare/i);
  });

  it('FW-04: because its action is not there gets the page; the router in the browser gets what it looks for', async () => {
    respond(409, { 'x-nextjs-action-not-found': '1' });
    expect(await post()).toContain('<h1>Rejected with 409</h1>');
    const call = await post('Next-Action: 40ab\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n[]');
    expect(call).toMatch(/^HTTP\/1\.1 409 [\s\S]*bare [\s\S]*line/);
    respond(400, { 'x-nextjs-action-not-found': '1' });
    expect(await post()).toContain('<h1>Rejected with 400</h1>');
  });

  it('keeps 500 once an action was reached, and every other response', async () => {
    guarded.listener = async (_request, response) => {
      await Promise.resolve();
      noteActionReached();
      response.writeHead(500).end('failed');
    };
    expect(await post()).toMatch(/^HTTP\/1\.1 500 [\s\S]*failed/);
    respond(200);
    expect(await post()).toMatch(/^HTTP\/1\.1 200 /);
    respond(500);
    expect(await post('Content-Type: application/json\r\nContent-Length: 0\r\n')).toMatch(/^HTTP\/1\.1 500 /);
  });
});
