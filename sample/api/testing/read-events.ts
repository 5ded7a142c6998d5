/** Reads a stream of server-sent events block by block, as its text, for tests. */

export type TestStream = {
  response: Response;
  /** The next block without its blank line, or null when the stream has ended. */
  nextBlock(): Promise<string | null>;
  /** The same, without heartbeats. */
  next(): Promise<string | null>;
  /** Closes the connection, as a browser does that leaves the page. */
  leave(): void;
};

export async function openStream(url: string, headers: Record<string, string>): Promise<TestStream> {
  const connection = new AbortController();
  const response = await fetch(url, { headers, signal: connection.signal });
  let reader: ReadableStreamDefaultReader<string> | undefined;
  let text = '';

  async function nextBlock(): Promise<string | null> {
    // Not before: a response that is no stream is read as a whole by its test.
    reader ??= response.body?.pipeThrough(new TextDecoderStream()).getReader();
    while (!text.includes('\n\n')) {
      const chunk = await reader?.read();
      if (!chunk || chunk.done) return null;
      text += chunk.value;
    }
    const [block = '', ...rest] = text.split('\n\n');
    text = rest.join('\n\n');
    return block;
  }

  async function next(): Promise<string | null> {
    const block = await nextBlock();
    return block?.startsWith(':') ? next() : block;
  }

  return { response, nextBlock, next, leave: () => connection.abort() };
}
