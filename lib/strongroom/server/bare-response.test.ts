import type { RequestListener } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { type GuardedServer, startGuardedServer } from '../testing/guarded-server';

let guarded: GuardedServer;
beforeEach(async () => {
  useEnvironment({ AUTH_URL: 'https://app.example' });
  guarded = await startGuardedServer();
});
afterEach(() => guarded.close());

describe('a bare answer from behind', () => {
  const asPerson = 'Accept: text/html\r\n';
  const behind = (listener: RequestListener) => {
    guarded.answer = listener;
  };

  it.each<[string, RequestListener, number]>([
    [
      'one line',
      (_, response) => void Object.assign(response, { statusCode: 500 }).end('Internal Server Error'),
      500,
    ],
    ['nothing', (_, response) => void Object.assign(response, { statusCode: 405 }).end(), 405],
    [
      'text in pieces',
      (_, response) => {
        response.statusCode = 409;
        response.setHeader('content-type', 'text/plain');
        response.setHeader('content-encoding', 'gzip');
        response.write('Server Action ');
        response.end('unavailable.');
      },
      409,
    ],
    [
      'a status without words of its own',
      (_, response) => void Object.assign(response, { statusCode: 416 }).end('x'),
      416,
    ],
  ])('reaches a person as a page with the same status and a reference: %s', async (_, listener, status) => {
    behind(listener);
    const received = await guarded.get('/dashboard', asPerson);
    const [head = '', body = ''] = received.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
    expect(head).not.toMatch(/gzip|text\/plain/);
    expect(body).toMatch(/^<!doctype html>[\s\S]*Reference [2-9A-Z]{4}-/);
    expect(body).not.toMatch(/Internal Server Error|unavailable/);
  });

  it.each<[string, string, string]>([
    ['data for the router', '/dashboard', 'RSC: 1\r\n'],
    ['the answer to an action', '/dashboard', 'Next-Action: x\r\n'],
    ['a script', '/dashboard', 'Sec-Fetch-Dest: script\r\n'],
    ['a static file', '/_next/static/x.js', ''],
  ])('stays as it is when it is %s', async (_, target, headers) => {
    behind((_request, response) => void Object.assign(response, { statusCode: 404 }).end('Not Found'));
    expect(await guarded.get(target, asPerson + headers)).toMatch(/\r\n\r\nNot Found$/);
  });

  it('is JSON below /api', async () => {
    behind((_request, response) => void Object.assign(response, { statusCode: 404 }).end('Not Found'));
    expect(await guarded.get('/api/nothing', asPerson)).toMatch(/problem\+json[\s\S]*"status":404/);
  });

  it.each<[string, RequestListener]>([
    [
      'a page',
      (_, response) => response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>'),
    ],
    ['JSON', (_, response) => response.writeHead(401, { 'content-type': 'application/json' }).end('{}')],
    ['a good answer', (_, response) => response.end('from behind')],
    ['a redirect', (_, response) => response.writeHead(303, { location: '/' }).end()],
  ])('is none when it is %s', async (_, listener) => {
    behind(listener);
    expect(await guarded.get('/dashboard', asPerson)).not.toContain('Reference');
  });

  it.each([
    ['a person', asPerson],
    ['the router', 'Next-Action: x\r\n'],
  ])('RL-05: a form that Next cannot read is 400, also to %s', async (_, headers) => {
    behind(
      (_request, response) => void Object.assign(response, { statusCode: 500 }).end('Internal Server Error'),
    );
    expect(await guarded.get('/dashboard', headers, 'POST')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await guarded.get('/dashboard', headers)).toMatch(/^HTTP\/1\.1 500 /);
  });
});
