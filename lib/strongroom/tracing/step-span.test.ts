/** Steps of a request as spans of their own. */
import { type Span, trace } from '@opentelemetry/api';
import { afterEach, describe, expect, it } from 'vitest';
import { inSpan, isTracing, switchTracing, writeTraceParent } from '../base/span';
import { startTracedServer, type TracedServer } from '../testing/traced-server';

let server: TracedServer;
const start = async (...options: Parameters<typeof startTracedServer>) => {
  server = await startTracedServer(...options);
};
afterEach(() => server.close());

const remote = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const traceparent = (flags: string) =>
  `traceparent: 00-${remote.traceId}-${remote.spanId}-${flags}\r\ntracestate: a=1\r\nbaggage: user=ada\r\n`;

describe('a step', () => {
  it('is part of its request, and tells the type of an error alone', async () => {
    await start();
    server.guarded.listener = async (_request, response) => {
      const failing = inSpan({ name: 'outer' }, () =>
        inSpan({ name: 'inner', isRequest: true }, async (note) => {
          note({ 'strongroom.api': 'contacts' });
          throw new Error('ada@example.test');
        }),
      );
      await failing.catch(() => {});
      response.end();
    };
    await server.guarded.get('/');
    await expect.poll(server.spans).toHaveLength(3);
    const named = Object.fromEntries((await server.spans()).map((span) => [span.name, span]));
    const idOf = (name: string) => named[name]?.spanContext().spanId;
    expect(named.inner?.parentSpanContext?.spanId).toBe(idOf('outer'));
    expect(named.outer?.parentSpanContext?.spanId).toBe(idOf('request GET'));
    expect(named.inner?.attributes).toEqual({ 'strongroom.api': 'contacts', 'error.type': 'error' });
    expect(
      JSON.stringify((await server.spans()).map(({ events, status }) => ({ events, status }))),
    ).not.toContain('ada');
  });

  it('is its work and nothing else without traces', async () => {
    await start();
    switchTracing(false);
    const seen: (Span | undefined)[] = [];
    server.guarded.listener = async (request, response) => {
      seen.push(trace.getActiveSpan());
      expect(await inSpan({ name: 'step' }, async (note) => void note({ a: 1 }))).toBeUndefined();
      const headers = new Headers();
      writeTraceParent(headers);
      expect([...headers]).toEqual([]);
      response.end(request.headers.traceparent);
    };
    await server.guarded.get('/', traceparent('01'));
    expect(isTracing()).toBe(false);
    expect(seen).toEqual([undefined]);
    expect(await server.spans()).toEqual([]);
  });
});
