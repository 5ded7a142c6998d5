/**
 * The log: one JSON line per event, on standard output. Callers pass short words of ours, numbers and
 * pseudonyms; values whose name could mean a secret are redacted as a second line of defence.
 */
import 'server-only';
import pino from 'pino';
import { type CurrentRequest, currentRequest } from './current-request';
import { findAppError } from './errors';
import { type EventFields, type EventName, hasListeners, type LoggedEvent, tellListeners } from './events';
import { processSingleton } from './process-singleton';

const secretNames = [
  ...['token', 'access_token', 'accessToken', 'refresh_token', 'refreshToken', 'id_token', 'idToken'],
  ...['code_verifier', 'codeVerifier', 'nonce', 'state', 'authorization', 'cookie', 'set-cookie'],
  ...['secret', 'clientSecret', 'client_secret', 'password', 'email', 'name'],
  ...['clientKeys', 'client_assertion', 'assertion', 'privateJwk', 'd'],
];

/** The server guard and the pages are bundles of their own, and write at the same level. */
const logger = processSingleton('logger', () =>
  pino({
    level: 'info',
    base: undefined,
    messageKey: 'event',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: secretNames.flatMap((name) => [`["${name}"]`, `*["${name}"]`]), censor: '[redacted]' },
  }),
);

/** Sets how much is written: `debug`, `info`, `warn`, `error` or `silent`. */
export function setLogLevel(level: string): void {
  logger.level = level;
}

export function logEvent(event: EventName, fields: EventFields = {}): void {
  write({ event, level: 'info', fields });
}

/** What happens all the time, and is counted: written only at the level `debug`. */
export function logDetail(event: EventName, fields: EventFields = {}): void {
  write({ event, level: 'debug', fields });
}

export function logWarning(event: EventName, fields: EventFields = {}): void {
  write({ event, level: 'warn', fields });
}

/**
 * An error, with the names and codes along its chain of causes; messages from outside stay out of the log.
 */
export function logFailure(event: EventName, error: unknown, fields: EventFields = {}): void {
  const causes = describeCauses(error);
  write({ event, level: 'error', fields: { ...fields, ...serverWords(error), causes } });
}

function write({ event, level, fields: given }: LoggedEvent): void {
  // Most events are neither written nor listened to: these cost next to nothing.
  if (!logger.isLevelEnabled(level) && !hasListeners()) return;
  const fields = { ...given, ...namesOf(currentRequest()) };
  logger[level](fields, event);
  tellListeners({ event, level, fields });
}

/** By which the line is found: in the log of another server, and in a trace. */
function namesOf(request: CurrentRequest | null): EventFields {
  if (request === null) return {};
  const { requestId, traceId } = request;
  return traceId === undefined ? { requestId } : { requestId, traceId };
}

/** What the authorization server said, where it is why something failed. */
export function serverWords(error: unknown): EventFields {
  const { error: serverError, description } = findAppError(error)?.errorResponse ?? {};
  return {
    ...(serverError ? { serverError } : {}),
    ...(description ? { serverDescription: description } : {}),
  };
}

/**
 * `TypeError < AppError(invalid_response: at_hash)`: class names, our own messages and system codes only. A
 * build shortens the class names of libraries to a letter or two, so those are left out: next-auth's errors
 * have a `type`, and others a `code`.
 */
export function describeCauses(error: unknown): string {
  const parts: string[] = [];
  let link: unknown = error;
  for (let depth = 0; depth < 6 && link instanceof Error; depth += 1) {
    parts.push(describeLink(link));
    const cause: unknown = link.cause;
    link = typeof cause === 'object' && cause !== null && 'err' in cause ? cause.err : cause;
  }
  return parts.join(' < ') || typeof error;
}

function describeLink(error: Error): string {
  if (error.name === 'AppError') return `AppError(${error.message})`;
  const code =
    'code' in error && typeof error.code === 'string' && /^[\w-]{1,60}$/.test(error.code) ? error.code : null;
  const type = 'type' in error && typeof error.type === 'string' ? error.type : '';
  const name = [type, error.name].find((word) => /^[A-Z][A-Za-z]{4,60}$/.test(word)) ?? 'Error';
  return code === null ? name : `${name}(${code})`;
}
