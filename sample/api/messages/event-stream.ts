/**
 * One stream of server-sent events: its text, its heartbeat, and its end when the access token expires.
 * What a client does not read is kept up to a limit, then the stream ends: the client comes back and says where it was.
 * @see WHATWG HTML §9.2
 */

export type ServerEvent = {
  event: 'message' | 'deleted' | 'reload';
  /** What the client sends as `Last-Event-ID` when it comes back. */
  id?: string;
  data: unknown;
};

/** JSON has no line breaks, so the data is always one line. */
export function printEvent({ event, id, data }: ServerEvent): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}

export type EventStreamOptions = {
  expiresAtMs: number;
  heartbeatMs: number;
  nowMs: () => number;
  /** Called once, when the last byte is in the queue or the client has left. */
  onEnd: () => void;
};

export type EventStream = { body: ReadableStream<Uint8Array>; send(text: string): void; end(): void };

const maxUnreadBytes = 512 * 1024;
const longestTimerMs = 2 ** 31 - 1;
const encoder = new TextEncoder();

export function openEventStream({ expiresAtMs, heartbeatMs, nowMs, onEnd }: EventStreamOptions): EventStream {
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  const source: UnderlyingDefaultSource<Uint8Array> = {
    start: (started) => {
      controller = started;
    },
    cancel: () => {
      controller = null;
      finish();
    },
  };
  const body = new ReadableStream(source, new ByteLengthQueuingStrategy({ highWaterMark: maxUnreadBytes }));
  const heartbeat = setInterval(() => send(':\n\n'), heartbeatMs);
  const leftMs = Math.max(expiresAtMs - nowMs(), 0);
  const expiry = setTimeout(end, Math.min(leftMs, longestTimerMs));

  function send(text: string): void {
    // Timers stand still while a machine sleeps: the clock has the last word.
    if (nowMs() >= expiresAtMs) end();
    controller?.enqueue(encoder.encode(text));
    if ((controller?.desiredSize ?? 0) <= 0) end();
  }

  function end(): void {
    if (controller === null) return;
    controller.close();
    controller = null;
    finish();
  }

  function finish(): void {
    clearInterval(heartbeat);
    clearTimeout(expiry);
    onEnd();
  }

  return { body, send, end };
}
