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
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
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
  const attributes = {
    'http.request.method': method,
    'strongroom.request_id': currentRequest()?.requestId,
  };
  const span = tracer().startSpan(`request ${method}`, { kind: SpanKind.SERVER, attributes }, parent);
  response.once('close', () => {
    const { statusCode, writableFinished } = response;
    span.setAttributes({ 'http.response.status_code': statusCode, 'strongroom.is_cut': !writableFinished });
    if (statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  });
  // Next notes the route on the span that it finds, also when that is over: one that takes nothing.
  return trace.setSpan(parent, trace.wrapSpanContext(span.spanContext()));
}
