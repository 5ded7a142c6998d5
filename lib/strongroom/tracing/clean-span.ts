/**
 * What of a span leaves this process. Next's spans have addresses, which may be those of a callback with its code, and
 * errors with their messages: of its attributes and ours only those pass that are listed here. Pure.
 */
import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** Names and numbers of the application: methods, statuses, routes as they are written in the source, hosts. */
const passed =
  /^(?:http\.(?:request\.)?method|http\.(?:response\.)?status_code|http\.route|server\.address|error\.type|next\.(?:route|rsc|span_type|span_category)|strongroom\.[a-z_]{1,40})$/;

/** Of other instrumentations, which an adopter added. */
const neverPassed =
  /^(?:http\.(?:url|target)|url\.(?:full|path|query)|.*(?:header|cookie|authorization).*)$/i;

/** Whose attributes are known. */
const knownScopes = ['next.js', 'strongroom'];

export function cleanSpan(span: ReadableSpan): ReadableSpan {
  const isKnown = knownScopes.includes(span.instrumentationScope.name);
  const passes = (key: string) => (isKnown ? passed.test(key) : !neverPassed.test(key));
  return {
    name: cleanName(span.name),
    kind: span.kind,
    spanContext: () => span.spanContext(),
    ...(span.parentSpanContext === undefined ? {} : { parentSpanContext: span.parentSpanContext }),
    startTime: span.startTime,
    endTime: span.endTime,
    // Its message is that of an error.
    status: { code: span.status.code },
    attributes: pick(span.attributes, passes),
    links: span.links.map(({ context }) => ({ context })),
    events: span.events.map((event) => ({
      ...event,
      name: isKnown ? 'exception' : cleanName(event.name),
      attributes: pick(event.attributes ?? {}, (key) => key === 'exception.type'),
    })),
    duration: span.duration,
    ended: span.ended,
    resource: span.resource,
    instrumentationScope: span.instrumentationScope,
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
  };
}

function pick(attributes: Attributes, passes: (key: string) => boolean): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => passes(key)));
}

/** Next names what it fetches by its address. */
function cleanName(name: string): string {
  return name
    .split(' ')
    .map((word) => (word.includes('://') ? '…' : (word.split('?')[0] ?? '')))
    .join(' ')
    .slice(0, 200);
}
