/**
 * An OpenTelemetry collector and a collector of audit records in one, for a test: what it was sent, read as far as the
 * tests need, and as it came. @see opentelemetry-proto trace/v1/trace.proto
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ReceivedSpan = {
  traceId: string;
  spanId: string;
  /** '' for the first of its trace. */
  parentSpanId: string;
  name: string;
  scope: string;
  attributes: Record<string, string>;
  links: number;
};

export type TraceReceiver = {
  origin: string;
  spans: ReceivedSpan[];
  auditRecords: Record<string, unknown>[];
  /** Everything that arrived, in one text. */
  text(): string;
  close(): Promise<void>;
};

export async function startTraceReceiver(): Promise<TraceReceiver> {
  const bodies: Buffer[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    bodies.push(body);
    if (request.url === '/v1/traces') receiver.spans.push(...readSpans(body));
    if (request.url === '/audit')
      for (const line of body.toString().split('\n').filter(Boolean))
        receiver.auditRecords.push(JSON.parse(line));
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: TraceReceiver = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: [],
    auditRecords: [],
    text: () => Buffer.concat(bodies).toString('utf8'),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}

type Field = { number: number; bytes: Buffer; value: bigint };

function readSpans(request: Buffer): ReceivedSpan[] {
  return nested(request, 1).flatMap((ofResource) =>
    nested(ofResource, 2).flatMap((ofScope) => {
      const scope = textOf(nested(ofScope, 1)[0] ?? Buffer.alloc(0), 1);
      return nested(ofScope, 2).map((span) => readSpan(span, scope));
    }),
  );
}

function readSpan(span: Buffer, scope: string): ReceivedSpan {
  const id = (number: number) => nested(span, number)[0]?.toString('hex') ?? '';
  return {
    ...{ traceId: id(1), spanId: id(2), parentSpanId: id(4), name: textOf(span, 5), scope },
    attributes: Object.fromEntries(
      nested(span, 9).map((pair) => [textOf(pair, 1), readValue(nested(pair, 2)[0])]),
    ),
    links: nested(span, 13).length,
  };
}

/** A text, or whatever else it is as one. */
function readValue(value: Buffer | undefined): string {
  const [field] = value === undefined ? [] : readFields(value);
  if (field === undefined) return '';
  return field.number === 1 ? field.bytes.toString() : String(field.value);
}

const textOf = (message: Buffer, number: number) => nested(message, number)[0]?.toString() ?? '';
const nested = (message: Buffer, number: number) =>
  readFields(message)
    .filter((field) => field.number === number)
    .map(({ bytes }) => bytes);

/** @see Protocol Buffers, Encoding */
function readFields(message: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number) => {
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const tag = Number(varint());
    const number = tag >> 3;
    const empty = Buffer.alloc(0);
    if ((tag & 7) === 0) fields.push({ number, bytes: empty, value: varint() });
    else if ((tag & 7) === 2) fields.push({ number, bytes: take(Number(varint())), value: 0n });
    else fields.push({ number, bytes: take((tag & 7) === 1 ? 8 : 4), value: 0n });
  }
  return fields;
}
