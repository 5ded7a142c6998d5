/** Spans of requests through the server guard, with a provider of its own in place of a collector. */
import type { RequestListener } from 'node:http';
import { trace } from '@opentelemetry/api';
import { afterEach, describe, expect, it } from 'vitest';
import { type LoggedEvent, onEvent } from '../base/events';
import { logEvent } from '../base/log';
import { inSpan, writeTraceParent } from '../base/span';
import { startTracedServer, type TracedServer } from '../testing/traced-server';

let server: TracedServer;
const start = async (...options: Parameters<typeof startTracedServer>) => {
  server = await startTracedServer(...options);
};
afterEach(() => server.close());

const remote = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const traceparent = (flags: string) =>
  `traceparent: 00-${remote.traceId}-${remote.spanId}-${flags}\r\ntracestate: a=1\r\nbaggage: user=ada\r\n`;

describe('a request', () => {
  it('is a span with its method, its status and its id', async () => {
    await start();
    await server.guarded.get('/', 'X-Request-Id: request-1\r\n');
    await expect.poll(server.spans).toHaveLength(1);
    const [span] = await server.spans();
    expect(span?.name).toBe('request GET');
    expect(span?.attributes).toEqual({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'strongroom.request_id': 'request-1',
      'strongroom.is_cut': false,
    });
  });

  it.each(['00', '01'])('does not choose its trace, nor whether it is recorded (%s)', async (flags) => {
    await start();
    await server.guarded.get('/', traceparent(flags));
    await expect.poll(server.spans).toHaveLength(1);
    const [span] = await server.spans();
    expect(span?.spanContext().traceId).not.toBe(remote.traceId);
    expect(span?.parentSpanContext).toBeUndefined();
    expect(span?.links).toEqual([]);
    expect(Object.keys(server.guarded.admitted[0]?.headers ?? {})).not.toEqual(
      expect.arrayContaining(['traceparent']),
    );
    expect(server.guarded.admitted[0]?.headers.baggage).toBeUndefined();
  });

  it('continues the trace of a proxy that the operator trusts', async () => {
    await start({ TRACE_PARENT: 'continue' });
    await server.guarded.get('/', traceparent('01'));
    await expect.poll(server.spans).toHaveLength(1);
    expect((await server.spans())[0]).toMatchObject({
      parentSpanContext: { ...remote, traceState: expect.anything() },
    });
  });

  it('of files and health checks are no spans, nor is what runs in them', async () => {
    await start();
    server.guarded.listener = async (_request, response) => {
      await inSpan({ name: 'inner' }, async () => {});
      response.end();
    };
    for (const path of ['/_next/static/a.js', '/healthz', '/readyz']) await server.guarded.get(path);
    await server.guarded.get('/');
    await expect.poll(server.spans).toHaveLength(2);
    expect((await server.spans()).map(({ name }) => name).toSorted()).toEqual(['inner', 'request GET']);
  });

  it('that is not sampled says so to the API, and is not exported', async () => {
    await start({}, { sampledShare: 0 });
    let sent = '';
    server.guarded.listener = (_request, response) => {
      const headers = new Headers();
      writeTraceParent(headers);
      sent = headers.get('traceparent') ?? '';
      response.end();
    };
    await server.guarded.get('/');
    expect(sent).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-00$/);
    expect(await server.spans()).toEqual([]);
  });
});

/** As Next does it: a span around its work, the route on the span that it finds, when its work is over. */
const asNext: RequestListener = async (_request, response) => {
  const found = trace.getActiveSpan();
  const next = trace.getTracer('next.js');
  await next.startActiveSpan('render', async (span) => {
    await inSpan({ name: 'inner' }, async () => void next.startSpan('fetch').end());
    span.setAttribute('http.target', '/contacts?q=private').end();
  });
  response.end();
  response.once('close', () =>
    process.nextTick(() =>
      found
        ?.setAttribute('http.route', '/contacts')
        .setAttribute('http.target', '/contacts?q=private')
        .updateName('GET private')
        .end(),
    ),
  );
};

describe('Next', () => {
  it('adds the route to the span of the request and nothing else, and its own spans are left out', async () => {
    await start();
    server.guarded.listener = asNext;
    await server.guarded.get('/contacts?q=private');
    await expect.poll(server.spans).toHaveLength(2);
    const [inner, request] = await server.spans();
    expect([inner?.name, request?.name]).toEqual(['inner', 'request GET /contacts']);
    expect(inner?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
    expect(request?.attributes).toMatchObject({
      'http.route': '/contacts',
      'http.response.status_code': 200,
    });
    expect(JSON.stringify((await server.spans()).map(({ attributes }) => attributes))).not.toContain(
      'private',
    );
  });

  it('has its spans in the trace where that is asked for', async () => {
    await start({}, { hasNext: true });
    server.guarded.listener = asNext;
    await server.guarded.get('/contacts');
    await expect.poll(server.spans).toHaveLength(4);
    const named = Object.fromEntries((await server.spans()).map((span) => [span.name, span]));
    expect(named.inner?.parentSpanContext?.spanId).toBe(named.render?.spanContext().spanId);
    expect(named.fetch?.parentSpanContext?.spanId).toBe(named.inner?.spanContext().spanId);
  });
});

describe('a line of the log', () => {
  it.each([
    [1, expect.stringMatching(/^[\da-f]{32}$/)],
    [0, undefined],
  ])('OP-03: names the trace where it is recorded (of a share of %i)', async (sampledShare, traceId) => {
    await start({}, { sampledShare });
    const told: LoggedEvent[] = [];
    onEvent((logged) => told.push(logged));
    server.guarded.listener = (_request, response) => {
      logEvent('role_missing');
      response.end();
    };
    await server.guarded.get('/');
    await expect.poll(() => told.map(({ event }) => event)).toEqual(['role_missing', 'request_completed']);
    for (const { fields } of told) expect(fields.traceId).toEqual(traceId);
    const known = (await server.spans()).map((span) => span.spanContext().traceId);
    for (const id of known) expect(told[0]?.fields.traceId).toBe(id);
  });
});
