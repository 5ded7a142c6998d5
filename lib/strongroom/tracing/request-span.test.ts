/** Spans of requests through the server guard, with a provider of its own in place of a collector. */

import type { RequestListener } from 'node:http';
import { context, propagation, type Span, trace } from '@opentelemetry/api';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, it } from 'vitest';
import { type LoggedEvent, onEvent } from '../base/events';
import { logEvent } from '../base/log';
import { inSpan, isTracing, switchTracing, writeTraceParent } from '../base/span';
import { useEnvironment as setEnvironment } from '../testing/environment';
import { type GuardedServer, startGuardedServer } from '../testing/guarded-server';
import { registerTraceProvider } from './trace-provider';

let guarded: GuardedServer;
let provider: ReturnType<typeof registerTraceProvider> | null = null;
let exporter: InMemorySpanExporter;

async function start(
  env: Record<string, string> = {},
  { sampledShare = 1, hasNext = false } = {},
): Promise<void> {
  setEnvironment(env);
  exporter = new InMemorySpanExporter();
  provider = registerTraceProvider({ sampledShare, hasNext }, exporter);
  switchTracing(true);
  guarded = await startGuardedServer();
}

afterEach(async () => {
  await guarded.close();
  await provider?.shutdown();
  provider = null;
  for (const api of [trace, context, propagation]) api.disable();
  switchTracing(false);
});

async function spans() {
  await provider?.forceFlush();
  return exporter.getFinishedSpans();
}

const remote = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const traceparent = (flags: string) =>
  `traceparent: 00-${remote.traceId}-${remote.spanId}-${flags}\r\ntracestate: a=1\r\nbaggage: user=ada\r\n`;

describe('a request', () => {
  it('is a span with its method, its status and its id', async () => {
    await start();
    await guarded.get('/', 'X-Request-Id: request-1\r\n');
    await expect.poll(spans).toHaveLength(1);
    const [span] = await spans();
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
    await guarded.get('/', traceparent(flags));
    await expect.poll(spans).toHaveLength(1);
    const [span] = await spans();
    expect(span?.spanContext().traceId).not.toBe(remote.traceId);
    expect(span?.parentSpanContext).toBeUndefined();
    expect(span?.links).toEqual([]);
    expect(Object.keys(guarded.admitted[0]?.headers ?? {})).not.toEqual(
      expect.arrayContaining(['traceparent']),
    );
    expect(guarded.admitted[0]?.headers.baggage).toBeUndefined();
  });

  it('continues the trace of a proxy that the operator trusts', async () => {
    await start({ TRACE_PARENT: 'continue' });
    await guarded.get('/', traceparent('01'));
    await expect.poll(spans).toHaveLength(1);
    expect((await spans())[0]).toMatchObject({
      parentSpanContext: { ...remote, traceState: expect.anything() },
    });
  });

  it('of files and health checks are no spans, nor is what runs in them', async () => {
    await start();
    guarded.listener = async (_request, response) => {
      await inSpan({ name: 'inner' }, async () => {});
      response.end();
    };
    for (const path of ['/_next/static/a.js', '/healthz', '/readyz']) await guarded.get(path);
    await guarded.get('/');
    await expect.poll(spans).toHaveLength(2);
    expect((await spans()).map(({ name }) => name).toSorted()).toEqual(['inner', 'request GET']);
  });

  it('that is not sampled says so to the API, and is not exported', async () => {
    await start({}, { sampledShare: 0 });
    let sent = '';
    guarded.listener = (_request, response) => {
      const headers = new Headers();
      writeTraceParent(headers);
      sent = headers.get('traceparent') ?? '';
      response.end();
    };
    await guarded.get('/');
    expect(sent).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-00$/);
    expect(await spans()).toEqual([]);
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
    guarded.listener = asNext;
    await guarded.get('/contacts?q=private');
    await expect.poll(spans).toHaveLength(2);
    const [inner, request] = await spans();
    expect([inner?.name, request?.name]).toEqual(['inner', 'request GET /contacts']);
    expect(inner?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
    expect(request?.attributes).toMatchObject({
      'http.route': '/contacts',
      'http.response.status_code': 200,
    });
    expect(JSON.stringify((await spans()).map(({ attributes }) => attributes))).not.toContain('private');
  });

  it('has its spans in the trace where that is asked for', async () => {
    await start({}, { hasNext: true });
    guarded.listener = asNext;
    await guarded.get('/contacts');
    await expect.poll(spans).toHaveLength(4);
    const named = Object.fromEntries((await spans()).map((span) => [span.name, span]));
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
    guarded.listener = (_request, response) => {
      logEvent('role_missing');
      response.end();
    };
    await guarded.get('/');
    await expect.poll(() => told.map(({ event }) => event)).toEqual(['role_missing', 'request_completed']);
    for (const { fields } of told) expect(fields.traceId).toEqual(traceId);
    const known = (await spans()).map((span) => span.spanContext().traceId);
    for (const id of known) expect(told[0]?.fields.traceId).toBe(id);
  });
});

describe('a step', () => {
  it('is part of its request, and tells the type of an error alone', async () => {
    await start();
    guarded.listener = async (_request, response) => {
      const failing = inSpan({ name: 'outer' }, () =>
        inSpan({ name: 'inner', isRequest: true }, async (note) => {
          note({ 'strongroom.api': 'contacts' });
          throw new Error('ada@example.test');
        }),
      );
      await failing.catch(() => {});
      response.end();
    };
    await guarded.get('/');
    await expect.poll(spans).toHaveLength(3);
    const named = Object.fromEntries((await spans()).map((span) => [span.name, span]));
    const idOf = (name: string) => named[name]?.spanContext().spanId;
    expect(named.inner?.parentSpanContext?.spanId).toBe(idOf('outer'));
    expect(named.outer?.parentSpanContext?.spanId).toBe(idOf('request GET'));
    expect(named.inner?.attributes).toEqual({ 'strongroom.api': 'contacts', 'error.type': 'error' });
    expect(JSON.stringify((await spans()).map(({ events, status }) => ({ events, status })))).not.toContain(
      'ada',
    );
  });

  it('is its work and nothing else without traces', async () => {
    await start();
    switchTracing(false);
    const seen: (Span | undefined)[] = [];
    guarded.listener = async (request, response) => {
      seen.push(trace.getActiveSpan());
      expect(await inSpan({ name: 'step' }, async (note) => void note({ a: 1 }))).toBeUndefined();
      const headers = new Headers();
      writeTraceParent(headers);
      expect([...headers]).toEqual([]);
      response.end(request.headers.traceparent);
    };
    await guarded.get('/', traceparent('01'));
    expect(isTracing()).toBe(false);
    expect(seen).toEqual([undefined]);
    expect(await spans()).toEqual([]);
  });
});
