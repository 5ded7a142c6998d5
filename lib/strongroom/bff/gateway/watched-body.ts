/**
 * The body of an answer on its way to the browser. When it breaks off, the log has one line about it, and the browser's connection breaks too.
 */
import 'server-only';

/**
 * @param onBreak is told why, once; not when the browser leaves
 * @returns a body that then ends with an `AbortError`: Next closes the connection for it and prints no stack
 */
export function watchBody(
  body: ReadableStream<Uint8Array>,
  onBreak: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          onBreak(error);
          controller.error(new DOMException('The answer broke off.', 'AbortError'));
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
