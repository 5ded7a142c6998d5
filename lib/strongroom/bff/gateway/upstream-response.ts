/** Judges the API's answer for a script of ours: what may be passed on, and what is said in its place. @see RFC 9110 §15, ASVS 3.2.1 */
import 'server-only';
import { z } from 'zod';
import type { ApiResult, FieldProblem } from '../../api/api-result';
import type { SentResponse } from '../../api/send-request';
import { type Expectations, validateApiResponse } from '../../api/validate-response';
import { readBoundedBytes } from '../../base/bounded-body';

export type UpstreamResult =
  /** A good answer, its body still on the way. */
  | { kind: 'body'; status: number; mediaType: string; body: ReadableStream<Uint8Array> | null }
  /** What was asked is not valid, or collides with what is there. */
  | { kind: 'rejected'; status: 400 | 409 | 413 | 422; problems: FieldProblem[] };

type Expected = Omit<Expectations, 'schema'> & { accepts: readonly string[] };

const maxProblemBytes = 64_000;
/** What a browser could run or render as a page of ours, whatever the table of upstreams says. */
const markup = /html|xml|svg|javascript|ecmascript|css|multipart|wasm/i;

/** Never throws for what the API sends. */
export async function validateUpstreamResponse(
  { response, challenges }: SentResponse,
  { accepts, ...expected }: Expected,
): Promise<ApiResult<UpstreamResult>> {
  const { status, headers, body } = response;
  if (status >= 200 && status < 300) {
    const answer = validateGood(response, accepts);
    if (answer.kind !== 'ok') await body?.cancel().catch(() => {});
    return answer;
  }
  const text = await readShort(body);
  const whole = { kind: 'response', status, headers, text, challenges } as const;
  const answer = validateApiResponse(whole, { ...expected, schema: z.never() });
  if (answer.kind !== 'invalid') return answer;
  return { kind: 'ok', value: { kind: 'rejected', status: status as 400, problems: answer.problems } };
}

function validateGood(
  { status, headers, body }: Response,
  accepts: readonly string[],
): ApiResult<UpstreamResult> {
  if (body === null) return { kind: 'ok', value: { kind: 'body', status, mediaType: '', body: null } };
  const mediaType = readMediaType(headers.get('content-type'));
  if (mediaType === null || markup.test(mediaType) || !accepts.includes(mediaType))
    return { kind: 'unavailable', reason: 'media_type' };
  // Packed although nobody asked for it: its real size is not known.
  if (headers.has('content-encoding')) return { kind: 'unavailable', reason: 'content_encoding' };
  return { kind: 'ok', value: { kind: 'body', status, mediaType, body } };
}

/** One media type in lower case, without its parameters; null for a list and for anything in another charset. */
function readMediaType(value: string | null): string | null {
  const [, type = null, charset = 'utf-8'] =
    /^([\w.+-]+\/[\w.+-]+)\s*(?:;\s*charset="?([\w-]+)"?)?$/.exec((value ?? '').trim().toLowerCase()) ?? [];
  return charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii' ? type : null;
}

/** The text of a problem; empty when it is long or breaks off. */
async function readShort(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const bytes = await readBoundedBytes(body, maxProblemBytes).catch(() => null);
  return bytes === null ? '' : Buffer.from(bytes).toString('utf8');
}
