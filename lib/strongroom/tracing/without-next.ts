/**
 * Leaves Next's own spans out: they are most of what a page view records, and tell of Next. What runs in them belongs
 * to the span around them.
 */
import 'server-only';
import {
  type Context,
  context,
  INVALID_SPAN_CONTEXT,
  type Span,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';

export function withoutNext(provider: TracerProvider): TracerProvider {
  return {
    getTracer: (name, version, options) =>
      name === 'next.js' ? passingTracer : provider.getTracer(name, version, options),
  };
}

/** Takes no notes of its own, and ends nothing: it only says where in the trace it is. */
function standIn(within: Context): Span {
  return trace.wrapSpanContext(trace.getSpanContext(within) ?? INVALID_SPAN_CONTEXT);
}

const passingTracer: Tracer = {
  startSpan: (_name, _options, within = context.active()) => standIn(within),
  startActiveSpan: (...given: unknown[]) => {
    const work = given.at(-1) as (span: Span) => never;
    return work(standIn(context.active()));
  },
};
