/**
 * The steps of a trace (OpenTelemetry spans). Where no traces are exported, a step is no more than its work. No
 * attribute has a token or tells of a user: names of ours, methods, statuses, hosts.
 */
import 'server-only';
import {
  type Attributes,
  context,
  propagation,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { findAppError } from './errors';
import { processSingleton } from './process-singleton';

const state = () => processSingleton('tracing', () => ({ isOn: false }));

export function isTracing(): boolean {
  return state().isOn;
}

/** After a provider was registered (tracing/start-tracing.ts). */
export function switchTracing(isOn: boolean): void {
  state().isOn = isOn;
}

const tracerName = 'strongroom';

export function tracer(): Tracer {
  return trace.getTracer(tracerName);
}

export type Step = {
  name: string;
  /** A request to another party. */
  isRequest?: boolean;
  attributes?: Attributes;
};

/** Adds what is known only afterwards. */
export type Note = (attributes: Attributes) => void;

const noteNothing: Note = () => {};

/** Runs `work` as a step of the current trace, within the step that it is part of. */
export async function inSpan<T>(step: Step, work: (note: Note) => Promise<T>): Promise<T> {
  if (!isTracing()) return work(noteNothing);
  const { name, isRequest = false, attributes = {} } = step;
  const options = { kind: isRequest ? SpanKind.CLIENT : SpanKind.INTERNAL, attributes };
  return tracer().startActiveSpan(name, options, async (span) => {
    try {
      return await work((more) => span.setAttributes(more));
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.setAttribute('error.type', findAppError(error)?.reason ?? 'error');
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Tells the next party which trace its work belongs to. @see W3C Trace Context §3 */
export function writeTraceParent(headers: Headers): void {
  if (!isTracing()) return;
  propagation.inject(context.active(), headers, { set: (carrier, name, value) => carrier.set(name, value) });
}
