import { type Attributes, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { cleanSpan } from './clean-span';

const secret = 'a-secret-code';
const callback = `/auth/callback/provider?code=${secret}&state=x`;
const spanContext = { traceId: '0'.repeat(32), spanId: '1'.repeat(16), traceFlags: TraceFlags.SAMPLED };

function span(scope: string, attributes: Attributes, changes: Partial<ReadableSpan> = {}): ReadableSpan {
  return {
    name: 'GET /auth/callback/[provider]',
    kind: SpanKind.INTERNAL,
    spanContext: () => spanContext,
    startTime: [1, 0],
    endTime: [2, 0],
    status: { code: SpanStatusCode.UNSET },
    attributes,
    links: [],
    events: [],
    duration: [1, 0],
    ended: true,
    resource: resourceFromAttributes({ 'service.name': 'strongroom' }),
    instrumentationScope: { name: scope },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ...changes,
  };
}

describe('a span that leaves the process', () => {
  it('of Next says which route and how it ended, and no address', () => {
    const cleaned = cleanSpan(
      span('next.js', {
        'next.span_name': `GET ${callback}`,
        'next.span_type': 'BaseServer.handleRequest',
        'http.method': 'GET',
        'http.target': callback,
        'http.url': `https://api.example${callback}`,
        'http.route': '/auth/[...path]',
        'http.status_code': 303,
      }),
    );
    expect(cleaned.attributes).toEqual({
      'next.span_type': 'BaseServer.handleRequest',
      'http.method': 'GET',
      'http.route': '/auth/[...path]',
      'http.status_code': 303,
    });
    expect(cleaned.spanContext()).toBe(spanContext);
  });

  it('has neither address nor query in its name', () => {
    const nameOf = (name: string) => cleanSpan(span('next.js', {}, { name })).name;
    expect(nameOf(`fetch GET https://api.example/users/${secret}?q=1`)).toBe('fetch GET …');
    expect(nameOf(`GET ${callback}`)).toBe('GET /auth/callback/provider');
    expect(nameOf(`GET /${'x'.repeat(5_000)}`)).toHaveLength(200);
  });

  it('of an error has its type, and not what it says', () => {
    const error = {
      'exception.type': 'TypeError',
      'exception.message': secret,
      'exception.stacktrace': secret,
    };
    const cleaned = cleanSpan(
      span(
        'next.js',
        { 'error.type': 'TypeError' },
        {
          status: { code: SpanStatusCode.ERROR, message: secret },
          events: [{ name: secret, time: [1, 0], attributes: error }],
          links: [{ context: spanContext, attributes: { note: secret } }],
        },
      ),
    );
    expect(JSON.stringify(cleaned)).not.toContain(secret);
    expect(cleaned.events).toMatchObject([
      { name: 'exception', attributes: { 'exception.type': 'TypeError' } },
    ]);
    expect(cleaned.status).toEqual({ code: SpanStatusCode.ERROR });
  });

  it('of an adopter keeps what they note, but for addresses, headers and cookies', () => {
    const cleaned = cleanSpan(
      span('invoices', {
        'invoice.count': 3,
        'url.full': callback,
        'url.query': secret,
        'http.request.header.cookie': [secret],
        'http.target': callback,
      }),
    );
    expect(cleaned.attributes).toEqual({ 'invoice.count': 3 });
  });
});
