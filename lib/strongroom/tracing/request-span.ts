/**
 * The first span of a request, from its arrival to its last byte. What a stranger's `traceparent` says is not used: it
 * could link strangers' requests to a trace of ours, and have all of theirs recorded.
 */
import 'server-only';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { monotonicMs } from '../base/clock';
import { currentRequest } from '../base/current-request';
import { isTracing, tracer } from '../base/span';
import { getConfig } from '../config/config';

/** Files and health checks: many, and all alike. Next would trace them too. */
const untraced = /^\/(?:_next\/static\/|healthz$|readyz$)/;

const contextHeaders = ['traceparent', 'tracestate', 'baggage'];

/** Runs `work`, which handles the request, within its span. */
export function traceRequest<T>(request: IncomingMessage, response: ServerResponse, work: () => T): T {
  if (!isTracing()) return work();
  const { isParentTrusted } = getConfig().traces;
  const parent = isParentTrusted ? propagation.extract(ROOT_CONTEXT, request.headers) : ROOT_CONTEXT;
  for (const name of contextHeaders) delete request.headers[name];
  const isUntraced = untraced.test(request.url ?? '');
  return context.with(
    isUntraced ? suppressTracing(ROOT_CONTEXT) : startSpan(request, response, parent),
    work,
  );
}

function startSpan({ method = '' }: IncomingMessage, response: ServerResponse, parent: Context): Context {
  const request = currentRequest();
  const attributes = { 'http.request.method': method, 'strongroom.request_id': request?.requestId };
  const span = tracer().startSpan(`request ${method}`, { kind: SpanKind.SERVER, attributes }, parent);
  if (!span.isRecording()) return trace.setSpan(parent, span);
  if (request !== null) request.traceId = span.spanContext().traceId;
  response.once('close', () => {
    const { statusCode, writableFinished } = response;
    span.setAttributes({ 'http.response.status_code': statusCode, 'strongroom.is_cut': !writableFinished });
    if (statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    // Next notes the route when it learns that the response is over, which is a moment later.
    const doneMs = monotonicMs();
    setImmediate(() => span.end(doneMs));
  });
  return trace.setSpan(parent, takingRoute(span, method));
}

/** What Next finds in place of the span of a request: all that it can add is the route, as long as the span goes on. */
function takingRoute(span: Span, method: string): Span {
  const standIn = trace.wrapSpanContext(span.spanContext());
  const setAttribute = (name: string, value: unknown): Span => {
    if (name === 'http.route' && typeof value === 'string' && span.isRecording())
      span.setAttribute(name, value).updateName(`request ${method} ${value}`);
    return standIn;
  };
  return Object.assign(standIn, { setAttribute });
}
