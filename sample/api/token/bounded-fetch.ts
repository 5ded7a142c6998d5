/** Every request of this API to the authorization server: no redirects, a time limit, a size limit. */

const timeoutMs = 3_000;
const maxBytes = 1024 * 1024;

/** @throws when the answer is late, too large or a redirect. */
export async function boundedFetch(
  url: string,
  init?: { headers?: Record<string, string> },
): Promise<Response> {
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, { headers: init?.headers, redirect: 'error', signal });
  const body = await readBounded(response);
  return new Response(body, { status: response.status, headers: response.headers });
}

async function readBounded(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = '';
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the rest.
    if (bytes > maxBytes) throw new Error('The answer of the authorization server is too large.');
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
