/** What unknown clients and single users can write to the store that the instances share: a small Redis holds it all. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasRedis, type RedisServer, startRedis } from '../../scripts/redis-server.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { cookieHeader } from '../support/page-script.ts';
import { sendRaw } from '../support/raw-request.ts';
import { listServerActions } from '../support/server-actions.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

describe.skipIf(!hasRedis())('a Redis of 3 MB that throws nothing away', () => {
  let redis: RedisServer;
  let stack: TestStack;
  beforeAll(async () => {
    redis = await startRedis(['--maxmemory', '3mb', '--maxmemory-policy', 'noeviction']);
    stack = await startTestStack({ REDIS_URL: redis.url });
  });
  afterAll(async () => {
    await stack.close();
    await redis.close();
  });

  const messages = '/dashboard/messages';
  const post = listServerActions().find(({ name }) => name === 'postMessageAction')?.id ?? '';
  /** Twice what fills it, if each of 27 kB sealed stayed. */
  const rounds = 100;
  const newLongText = () => randomUUID().repeat(550);
  /** As the router in the browser posts the form for a new message, with a long text. */
  const postText = (text: string, writer: string, cookie: Record<string, string> = {}) => {
    const fields = [
      ['_1_text', text],
      ['_1_key', randomUUID()],
      ['_1_writer', writer],
      ['0', '["","$K1"]'],
    ];
    const parts = fields.map(
      ([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
    return sendRaw(stack.appOrigin, messages, {
      method: 'POST',
      headers: {
        'content-type': 'multipart/form-data; boundary=x',
        'next-action': post,
        origin: stack.appOrigin,
        'sec-fetch-site': 'same-origin',
        ...cookie,
      },
      body: `${parts.join('')}--x--\r\n`,
    });
  };
  /** The keys of the drafts: one for each user. */
  const listDrafts = async () => (await redis.command('KEYS *draft*')).match(/^\S*draft\S*$/gm) ?? [];
  const readiness = async () => {
    const { status, body } = await sendRaw(stack.appOrigin, '/readyz');
    return { status, store: (JSON.parse(body) as { store: string }).store };
  };

  it('RL-06: drafts of strangers are not kept in it, and users sign in after a hundred of them', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const { headers } = await postText(newLongText(), 'A'.repeat(16));
      expect(headers['x-action-redirect']).toMatch(/^\/sign-in\b/);
    }
    expect(await listDrafts()).toEqual([]);
    expect(await readiness()).toEqual({ status: 200, store: 'ok' });
    const page = await signInByHttp(stack, new HttpBrowser(), { returnTo: messages });
    expect(page.url.pathname).toBe(messages);
  });

  it('RL-06: drafts of one user whose session was revoked are bounded, and the newest is shown again', async () => {
    const browser = new HttpBrowser();
    const page = await signInByHttp(stack, browser, { returnTo: messages });
    const writer = /name="writer" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
    const cookie = { cookie: cookieHeader(browser, stack.appOrigin) };
    await browser.submit(page, /sign-out/);
    let newest = { text: '', setCookies: [] as string[] };
    for (let round = 0; round < rounds; round += 1) {
      const text = newLongText();
      const { headers } = await postText(text, writer, cookie);
      expect(headers['x-action-redirect']).toMatch(/^\/sign-in\b/);
      newest = { text, setCookies: headers['set-cookie'] ?? [] };
    }
    const [draft = '', ...others] = await listDrafts();
    expect(others).toEqual([]);
    const storedBytes = Number(/^:(\d+)/.exec(await redis.command(`STRLEN ${draft}`))?.[1]);
    expect(storedBytes).toBeGreaterThan(newest.text.length);
    expect(storedBytes).toBeLessThan(100_000);
    expect(await readiness()).toEqual({ status: 200, store: 'ok' });

    const [, name = '', value = ''] = /^([^=]*draft[^=]*)=([^;]+)/m.exec(newest.setCookies.join('\n')) ?? [];
    browser.cookies(stack.appOrigin).set(name, { value, path: '/' });
    const back = await signInByHttp(stack, browser, { returnTo: messages });
    expect(back.html).toContain(newest.text);
  });

  it('OP-04: when it is full, readiness says so', async () => {
    await redis.command('CONFIG SET maxmemory 1');
    expect(await readiness()).toEqual({ status: 503, store: 'rejects_writes' });
    await redis.command('CONFIG SET maxmemory 3mb');
    expect(await readiness()).toEqual({ status: 200, store: 'ok' });
  });
});
