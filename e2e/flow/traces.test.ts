/** What operators see of one request: its trace from Next's proxy to the API, and who did what. Against the production build. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpBrowser } from '../support/http-browser.ts';
import { askAsScript } from '../support/page-script.ts';
import { patientNode } from '../support/patience.ts';
import { type ScriptedApi, startScriptedApi } from '../support/scripted-api.ts';
import { editSession, expireAccessToken, joinSessionCookie, openSeal } from '../support/seals.ts';
import { reachCallback, signInByHttp } from '../support/sign-in-by-http.ts';
import { ada, startTestStack, type TestStack } from '../support/test-stack.ts';
import { type ReceivedSpan, startTraceReceiver, type TraceReceiver } from '../support/trace-receiver.ts';

let receiver: TraceReceiver;
let stack: TestStack;
let api: ScriptedApi;
const browser = new HttpBrowser();
/** What no span and no record may have, gathered on the way. */
const secrets = new Set<string>();

beforeAll(async () => {
  receiver = await startTraceReceiver();
  stack = await startTestStack({
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.origin,
    OTEL_TRACES_SAMPLER_ARG: '1',
    AUDIT_LOG: `${receiver.origin}/audit`,
    LOG_LEVEL: 'debug',
    // What stands in front gives the ids.
    TRUSTED_PROXY_HOPS: '1',
  });
  await stack.stop('API');
  api = await startScriptedApi(stack.settings.apiPort, () => ({
    status: 200,
    body: '{"items":[],"nextCursor":null}',
  }));
  const callback = await reachCallback(stack, browser);
  for (const name of ['code', 'state']) secrets.add(callback.searchParams.get(name) ?? '');
  await browser.visit(callback);
});
afterAll(async () => {
  await Promise.all([api?.close(), stack?.close()]);
  await receiver.close();
});

const at = (path: string) => stack.appOrigin + path;
const strangers = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** The trace of the request that `act` sends with this id, when its first span has arrived. */
async function traceOf(requestId: string, act: () => Promise<unknown>): Promise<ReceivedSpan[]> {
  await act();
  const first = () =>
    receiver.spans.find(({ attributes }) => attributes['strongroom.request_id'] === requestId);
  await expect.poll(first).toBeDefined();
  return receiver.spans.filter(({ traceId }) => traceId === first()?.traceId);
}

/** The names from a span up to the first of its trace, without Next's. */
function chainOf(trace: ReceivedSpan[], span: ReceivedSpan | undefined): string[] {
  if (span === undefined) return [];
  const parent = trace.find(({ spanId }) => spanId === span.parentSpanId);
  return [...chainOf(trace, parent), ...(span.scope === 'strongroom' ? [span.name] : [])];
}

const named = (trace: ReceivedSpan[], name: string) => trace.filter((span) => span.name === name);
const chainsOf = (trace: ReceivedSpan[], name: string) =>
  named(trace, name).map((span) => chainOf(trace, span));

/** The traces that the API was told of, and of which span. */
const traceParents = () =>
  api.requests.map(
    ({ rawHeaders }) => rawHeaders[rawHeaders.findIndex((name) => /^traceparent$/i.test(name)) + 1] ?? '',
  );

async function rememberSecrets(): Promise<void> {
  const cookie = joinSessionCookie(browser.cookies(stack.appOrigin));
  const session = (await openSeal('session', stack.secrets.appSecret, cookie)) as {
    id: string;
    user: Record<string, string>;
    tokens: Record<string, string>;
  };
  const { id, user, tokens } = session;
  for (const text of [
    ada,
    id,
    user.subject,
    user.name,
    tokens.accessToken,
    tokens.refreshToken,
    tokens.idToken,
  ])
    secrets.add(text ?? '');
  for (const { value } of browser.cookies(stack.appOrigin).values()) secrets.add(value);
}

describe('a page view whose token is due', () => {
  it('is one trace: page guard, session, refresh, authorization server, and the API, which is told of it', async () => {
    await rememberSecrets();
    await expireAccessToken(stack, browser);
    api.requests.length = 0;
    stack.lines.length = 0;
    const headers = { 'x-request-id': 'page-view-1', traceparent: strangers };
    const trace = await traceOf('page-view-1', () =>
      browser.visit(at('/dashboard/contacts?q=private'), { headers }),
    );
    // The pages and the guard are bundles of their own: the level is that of all.
    expect(stack.appEvents('api_called')).toContainEqual(
      expect.objectContaining({ requestId: 'page-view-1', status: 200 }),
    );
    await rememberSecrets();
    const start = ['request GET /dashboard/contacts', 'page guard'];
    expect(chainsOf(trace, 'session')).toContainEqual([...start, 'session']);
    expect(chainsOf(trace, 'refresh')).toEqual([[...start, 'refresh']]);
    expect(chainsOf(trace, 'authorization server POST')).toEqual([
      [...start, 'refresh', 'authorization server POST'],
    ]);
    const [call] = named(trace, 'API GET');
    expect(chainOf(trace, call)).toEqual(['request GET /dashboard/contacts', 'API GET']);
    expect(call?.attributes).toMatchObject({
      'strongroom.api': expect.any(String),
      'http.response.status_code': '200',
    });
    expect(traceParents()).toEqual([`00-${call?.traceId}-${call?.spanId}-01`]);
    // Next says which page it was; its own spans are left out.
    expect(named(trace, 'request GET /dashboard/contacts')[0]?.attributes['http.route']).toBe(
      '/dashboard/contacts',
    );
    expect(new Set(trace.map(({ scope }) => scope))).toEqual(new Set(['strongroom']));
    expect(trace.filter(({ parentSpanId }) => parentSpanId === '')).toHaveLength(1);
  });

  it('a stranger does not choose the trace, and is linked to none', () => {
    expect(receiver.text()).not.toContain(strangers.split('-')[1]);
    expect(receiver.spans.map(({ traceId }) => traceId)).not.toContain(strangers.split('-')[1]);
    expect(receiver.spans.filter(({ links }) => links > 0)).toEqual([]);
  });
});

describe('the other ways to the API', () => {
  it('the gateway: session, refresh and API are parts of its trace', async () => {
    await expireAccessToken(stack, browser);
    api.requests.length = 0;
    const gateway = 'request GET /api/gateway/[[...path]]';
    const headers = { 'x-request-id': 'gateway-1' };
    const trace = await traceOf('gateway-1', () =>
      askAsScript({ browser, origin: stack.appOrigin }, '/api/gateway/messages', { headers }),
    );
    expect(chainsOf(trace, 'refresh')).toEqual([[gateway, 'refresh']]);
    const [call] = named(trace, 'API GET');
    expect(chainOf(trace, call)).toEqual([gateway, 'API GET']);
    expect(traceParents()).toEqual([`00-${call?.traceId}-${call?.spanId}-01`]);
  });

  it('a server action', async () => {
    const other = new HttpBrowser();
    const page = await signInByHttp(stack, other, { returnTo: '/dashboard/messages' });
    api.requests.length = 0;
    const headers = { 'x-request-id': 'action-1' };
    const trace = await traceOf('action-1', () =>
      other.submit(page, /Post message/, { text: 'A private text' }, { headers }),
    );
    secrets.add('A private text');
    const [call] = named(trace, 'API POST');
    expect(chainOf(trace, call)).toEqual(['request POST /dashboard/messages', 'API POST']);
    expect(traceParents()).toContain(`00-${call?.traceId}-${call?.spanId}-01`);
  });

  it('files and health checks are no traces', async () => {
    const before = new Set(receiver.spans.map(({ traceId }) => traceId));
    await fetch(at('/healthz'));
    await fetch(at('/_next/static/none.js'));
    const trace = await traceOf('after-files', () =>
      fetch(at('/sign-in'), { headers: { 'x-request-id': 'after-files' } }),
    );
    const since = new Set(receiver.spans.map(({ traceId }) => traceId).filter((id) => !before.has(id)));
    expect([...since]).toEqual([trace[0]?.traceId]);
  });
});

describe('what leaves the application', () => {
  it('has no code, token, cookie, e-mail, name or text of a user, whatever failed on the way', async () => {
    const failed = await reachCallback(stack, new HttpBrowser());
    secrets.add(failed.searchParams.get('code') ?? '');
    failed.searchParams.set('state', 'A'.repeat(22));
    await new HttpBrowser().visit(failed, { headers: { 'x-request-id': 'callback-failed' } });
    const target = '/auth/callback/provider?code=a-secret-code&error_description=ada%40strongroom.test';
    await fetch(at(target), {
      headers: { 'user-agent': `x${'y'.repeat(10_000)}`, cookie: 'strongroom=forged' },
    });
    await editSession(stack, browser, (session) => ({ ...session, lastSeenAtSec: 1 }));
    const trace = await traceOf('last-view-1', () =>
      browser.visit(at('/dashboard/contacts?q=private-search'), {
        headers: { 'x-request-id': 'last-view-1' },
      }),
    );
    expect(named(trace, 'session')[0]?.attributes).toMatchObject({ 'strongroom.session': 'expired' });
    await expect.poll(() => receiver.auditRecords.map(({ reason }) => reason)).toContain('idle');
    const text = receiver.text();
    for (const secret of secrets) if (secret !== '') expect(text).not.toContain(secret);
    // Ids of spans are random bytes: shorter words are found in them by chance.
    for (const word of [
      'private-search',
      'a-secret-code',
      encodeURIComponent(ada),
      'Ada L',
      'contacts?',
      'code=',
    ])
      expect(text).not.toContain(word);
  });

  it('the audit log has who did what, from where, with the request id of the trace', () => {
    const of = (event: string) => receiver.auditRecords.filter((record) => record.event === event);
    expect(of('started')).toHaveLength(1);
    expect(of('signed_in')[0]).toMatchObject({
      ...{ schema: 'strongroom.audit/1', outcome: 'success' },
      actor: { userPseudonym: expect.stringMatching(/^[\w-]{16}$/), sessionId: expect.any(String) },
      client: { address: '127.0.0.1' },
      details: { isStepUp: false },
    });
    expect(of('sign_in_rejected')[0]).toMatchObject({
      requestId: 'callback-failed',
      reason: 'state_unknown',
    });
    expect(of('session_rejected').at(-1)).toMatchObject({ requestId: 'last-view-1', reason: 'idle' });
    const ids = receiver.auditRecords.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('an audit log in a file', () => {
  let folder: string;
  const startAgain = (options = '') =>
    stack.start('application', {
      AUDIT_LOG: `file:${folder}/audit.jsonl`,
      NODE_OPTIONS: `${patientNode.NODE_OPTIONS} ${options}`,
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'audit-'));
    await stack.stop('application');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('OP-01: that Node may not write stops the start, with what to do', async () => {
    await expect(startAgain()).rejects.toThrow();
    const said = () => stack.lines.map(({ line }) => line).join('\n');
    await expect.poll(said).toContain(`--node-options=--allow-fs-write=${folder}/`);
    expect(said()).toContain('AUDIT_LOG cannot be written (file_permission)');
  });

  it('OP-03: is written with the permission for its folder, to the end of the process', async () => {
    await startAgain(`--allow-fs-write=${folder}/`);
    await stack.stop('application');
    const lines = readFileSync(`${folder}/audit.jsonl`, 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).event)).toEqual(['started', 'shutdown_started']);
  });
});
