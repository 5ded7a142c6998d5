/**
 * The token of the platform that proves who this client is: Kubernetes, SPIFFE or a cloud writes it to a file and
 * replaces it before it expires, so each request reads it anew. Its issuer signed it for the authorization
 * server, which verifies it; only what no server could take is rejected here.
 * @see RFC 7523 §3, RFC 7521 §4.2
 */
import 'server-only';
import { open, stat } from 'node:fs/promises';
import { decodeJwt } from 'jose';
import { type Clock, nowSec } from '../base/clock';
import { AppError, type ReasonOf } from '../base/errors';
import { isRecord } from '../base/guards';
import { logFailure } from '../base/log';

const maxBytes = 16_384;

type FileReason = Extract<ReasonOf<'configuration_invalid'>, `assertion_file_${string}`>;

/** How to mend it, for the log and for the doctor. */
const remedies: Readonly<Record<FileReason, (path: string) => string>> = {
  assertion_file_missing: (path) =>
    `there is no file ${path}: check the path, and that the platform writes it`,
  assertion_file_denied: (path) => `let the user of this process read ${path}, and make it a file`,
  assertion_file_permission: (path) =>
    `Node keeps this process from reading it: start it with --allow-fs-read=${path} too (npm start --node-options=--allow-fs-read=${path})`,
  assertion_file_malformed: (path) =>
    `${path} must hold one signed JWT with exp, of at most ${maxBytes} bytes, and nothing else`,
  assertion_file_expired: (path) =>
    `the token in ${path} has expired: see why the platform does not renew it`,
};

/**
 * The token as it is now.
 * @throws AppError `configuration_invalid` with what is wrong with the file; the log says how to mend it
 */
export async function readAssertionFile(path: string, clock: Clock = nowSec): Promise<string> {
  try {
    return validateAssertion(await readBounded(path), clock());
  } catch (cause) {
    const error = cause instanceof AppError ? cause : explainFailure(cause);
    const { reason } = error;
    logFailure('client_assertion_unusable', error, { reason, file: path, mend: describeRemedy(error, path) });
    throw error;
  }
}

/** Empty for errors that are not about the file. */
export function describeRemedy({ reason }: AppError, path: string): string {
  return Object.hasOwn(remedies, reason) ? remedies[reason as FileReason](path) : '';
}

/** A pipe or a device would block, and a file of any size would fill the memory. */
async function readBounded(path: string): Promise<string> {
  if (!(await stat(path)).isFile()) throw unusable('assertion_file_denied');
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes + 1), 0, maxBytes + 1, 0);
    if (bytesRead > maxBytes) throw unusable('assertion_file_malformed');
    return buffer.toString('utf8', 0, bytesRead).trim();
  } finally {
    await file.close();
  }
}

function validateAssertion(text: string, atSec: number): string {
  // Without a signature it would say what anybody can say.
  const expiresAtSec = /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text) ? readExpiry(text) : null;
  if (expiresAtSec === null) throw unusable('assertion_file_malformed');
  if (expiresAtSec <= atSec) throw unusable('assertion_file_expired');
  return text;
}

function readExpiry(token: string): number | null {
  try {
    const { exp } = decodeJwt(token);
    return typeof exp === 'number' ? exp : null;
  } catch {
    return null;
  }
}

const reasonOfCode: Readonly<Record<string, FileReason>> = {
  ENOENT: 'assertion_file_missing',
  ENOTDIR: 'assertion_file_missing',
  ERR_ACCESS_DENIED: 'assertion_file_permission',
};

function explainFailure(cause: unknown): AppError {
  const code = isRecord(cause) && typeof cause.code === 'string' ? cause.code : '';
  return unusable(Object.hasOwn(reasonOfCode, code) ? reasonOfCode[code] : undefined, cause);
}

function unusable(reason: FileReason = 'assertion_file_denied', cause?: unknown): AppError {
  return new AppError('configuration_invalid', { reason, cause });
}
