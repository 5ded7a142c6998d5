import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useEnvironment } from '../testing/environment';
import type { CookieJar } from './cookie-jar';
import { cookieAttributes } from './cookies';
import { nodeCookies } from './node-cookies';

const attributes = cookieAttributes(true);
const [name, value] = ['__Host-strongroom', 'sealed*value'];

let server: Server;
let handle: (jar: CookieJar, request: IncomingMessage, response: ServerResponse) => void;
beforeEach(async () => {
  useEnvironment();
  server = createServer((request, response) => handle(nodeCookies(request, response), request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

async function ask(cookie: string, act: typeof handle): Promise<string[]> {
  handle = (...given) => {
    act(...given);
    given[2].end();
  };
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const response = await fetch(address, { headers: cookie === '' ? {} : { cookie } });
  return response.headers.getSetCookie();
}

describe('cookies before a page', () => {
  it('CK-04: are read as pages read them: the last one of a name, decoded, and nothing that cannot be', async () => {
    await ask('a=1; b=%7E; b=%2A;c=%E0; =x; d; a=2', (jar) => {
      expect(jar.names()).toEqual(['a', 'b']);
      expect([jar.read('a'), jar.read('b'), jar.read('c')]).toEqual(['2', '*', undefined]);
    });
    await ask('', (jar) => expect(jar.names()).toEqual([]));
  });

  it('RF-15: show at once to the page, and leave with the response', async () => {
    const lines = await ask('other=%7E', (jar, request) => {
      jar.write(name, value, { ...attributes, maxAge: 60 });
      expect(jar.read(name)).toBe(value);
      expect(request.headers.cookie).toBe(`other=~; ${name}=sealed*value`);
    });
    expect(lines).toEqual([
      `${name}=sealed*value; Path=/; Expires=${expiryOf(lines)}; Max-Age=60; Secure; HttpOnly; SameSite=lax`,
    ]);
  });

  it('CK-04: that are removed are gone from the request of the page', async () => {
    const lines = await ask(`${name}=old; other=1`, (jar, request) => {
      jar.write(name, '', { ...attributes, maxAge: 0 });
      expect(request.headers.cookie).toBe('other=1');
    });
    expect(lines).toEqual([expect.stringContaining(`${name}=; Path=/;`)]);
  });

  it('RF-15: leave too when the page sets others, which Next does in place of all, and its own of the same name count', async () => {
    const lines = await ask('', (jar, _request, response) => {
      jar.write(name, value, attributes);
      jar.write('replaced', 'before', attributes);
      response.setHeader('Set-Cookie', ['replaced=after; Path=/', 'more=1']);
    });
    expect(lines.map((line) => line.split(';')[0])).toEqual([
      `${name}=sealed*value`,
      'replaced=after',
      'more=1',
    ]);
  });

  it('leave the response alone when none is written', async () => {
    expect(
      await ask('a=1', (_jar, _request, response) => void response.setHeader('Set-Cookie', 'b=2')),
    ).toEqual(['b=2']);
  });
});

const expiryOf = (lines: string[]) => /Expires=([^;]*)/.exec(lines[0] ?? '')?.[1];
