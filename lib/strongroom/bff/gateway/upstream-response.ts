/**
 * Validates the API's response to a request of the gateway: what may be passed on, and what is said in its
 * place.
 * @see RFC 9110 §15, ASVS 3.2.1
 */
import 'server-only';
import { z } from 'zod';
import type { ApiResult, FieldProblem } from '../../api/api-result';
import type { SentResponse } from '../../api/send-request';
import { type Expectations, validateApiResponse } from '../../api/validate-response';
import { readBoundedBytes } from '../../base/bounded-body';
import { etagShape } from './forwarded-request';
import type { MediaType } from './upstreams';

export type UpstreamResult =
  /** A good response, its body still on the way; null when it has none (204, 304). */
  | {
      kind: 'body';
      status: number;
      mediaType: MediaType | null;
      etag: string | null;
      body: ReadableStream<Uint8Array> | null;
    }
  /** What was sent is not valid, or collides with what is there. */
  | { kind: 'rejected'; status: 400 | 409 | 413 | 422; problems: FieldProblem[] };

type Expected = Omit<Expectations, 'schema'> & { accepts: readonly MediaType[] };

const maxProblemBytes = 64_000;

/** Never throws for what the API sends. */
export async function validateUpstreamResponse(
  { response, challenges }: SentResponse,
  { accepts, ...expected }: Expected,
): Promise<ApiResult<UpstreamResult>> {
  const { status, headers, body } = response;
  // The client gives 304 only to a request that was conditional.
  if ((status >= 200 && status < 300) || status === 304) {
    const result = validateGood(response, accepts);
    if (result.kind !== 'ok') await body?.cancel().catch(() => {});
    return result;
  }
  const text = await readShort(body);
  const whole = { kind: 'response', status, headers, text, challenges } as const;
  const result = validateApiResponse(whole, { ...expected, schema: z.never() });
  if (result.kind !== 'invalid') return result;
  return { kind: 'ok', value: { kind: 'rejected', status: status as 400, problems: result.problems } };
}

function validateGood(
  { status, headers, body }: Response,
  accepts: readonly MediaType[],
): ApiResult<UpstreamResult> {
  const etag = etagShape.exec(headers.get('etag') ?? '')?.[0] ?? null;
  if (body === null) return { kind: 'ok', value: { kind: 'body', status, mediaType: null, etag, body } };
  const mediaType = readMediaType(headers.get('content-type'));
  const accepted = accepts.find((type) => type === mediaType);
  if (accepted === undefined) return { kind: 'unavailable', reason: 'media_type' };
  // The request did not accept an encoding, and the unpacked size of this body is unknown.
  if (headers.has('content-encoding')) return { kind: 'unavailable', reason: 'content_encoding' };
  return { kind: 'ok', value: { kind: 'body', status, mediaType: accepted, etag, body } };
}

/**
 * One media type in lower case, without its parameters; null for a list and for anything in another charset.
 */
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
