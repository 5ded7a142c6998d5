/**
 * The body of a response on its way to the browser. When it breaks off, the browser's connection breaks too,
 * so that it never looks complete.
 */
import 'server-only';

export type BodyEvents = {
  /** Called once with the cause; not when the browser leaves. */
  onBreak: (error: unknown) => void;
  /** Called once, however the body ends. */
  onEnd?: () => void;
  /** Whether an error is an end like any other. */
  isEnd?: (error: unknown) => boolean;
  /** Sent at once, before anything comes from the API. */
  first?: string;
};

/**
 * @returns a body that breaks off with an `AbortError`: Next closes the connection for it and prints no stack
 */
export function streamBody(
  body: ReadableStream<Uint8Array>,
  { onBreak, onEnd = () => {}, isEnd = () => false, first }: BodyEvents,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        if (first !== undefined) controller.enqueue(new TextEncoder().encode(first));
      },
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          controller.close();
        } catch (error) {
          if (isEnd(error)) controller.close();
          else {
            onBreak(error);
            controller.error(new DOMException('The response broke off.', 'AbortError'));
          }
        }
        onEnd();
      },
      cancel: (reason) => {
        onEnd();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
