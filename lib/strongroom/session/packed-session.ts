/**
 * A session in fewer characters, for its cookie. A seal is base64 around JSON, and so are most tokens: base64 within
 * base64. Here each token is bytes, and what is no secret is compressed by itself. Nothing secret is compressed: a
 * length would tell of it to who can choose text beside it (CRIME). Tests, which open seals, run it outside of a server.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Never change a letter of it: sessions that are sealed with it would be unreadable. */
const dictionary = Buffer.from(
  '"apiTokensReplacedAtSec":{},"predecessors":[],"providerSessionId":null,"acr":null,"claims":{},"roles":[],"tokenReplacedAtSec":null,' +
    '"picture":null,"refreshEndsAtSec":null,"dpopKey":null,"apiTokens":{},"target":"","refreshes":0}' +
    ',"authTimeSec":17,"startedAtMs":17,"lastSeenAtSec":17,"endsAtSec":17,"expiresAtSec":17,"obtainedAtSec":17' +
    '"scopes":["openid","profile","email","offline_access","read:","write:"],"name":"","email":".com","subject":""' +
    '{"user":{"issuer":"https://login.auth..com/',
);
const maxBytes = 100_000;

type Json = null | string | number | boolean | Json[] | { [name: string]: Json };

/** Members with a value that whoever has it could use, at any depth. */
const secretNames = ['id', 'accessToken', 'refreshToken', 'previousRefreshKey', 'idToken', 'dpopKey'];
/** In the place of a secret: its number follows. */
const placeholder = '\u0000';

export type PackedSession = { packed: string };

export function packSession(session: object): PackedSession {
  const secrets: string[] = [];
  const json = JSON.stringify(session, (name, value: unknown) => {
    if (!secretNames.includes(name) || typeof value !== 'string') return value;
    return placeholder + (secrets.push(value) - 1);
  });
  const open = deflateRawSync(json, { level: 9, dictionary });
  return { packed: writeText91(Buffer.concat([frame(open), ...secrets.map(packSecret)])) };
}

/** @returns what was packed; unsealed data that is not packed comes back as it is, and null for what is broken */
export function unpackSession(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || !('packed' in data)) return data;
  try {
    const frames = readFrames(readText91(String(data.packed)));
    const [open = Buffer.alloc(0), ...secrets] = frames;
    const json = inflateRawSync(open, { dictionary, maxOutputLength: maxBytes }).toString('utf8');
    return JSON.parse(json, (name, value: Json) =>
      secretNames.includes(name) && typeof value === 'string' && value.startsWith(placeholder)
        ? unpackSecret(secrets[Number(value.slice(1))])
        : value,
    );
  } catch {
    return null;
  }
}

/** Its length in two bytes, then the bytes. @throws RangeError when there are more than 65,535 */
function frame(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.byteLength);
  return Buffer.concat([length, bytes]);
}

function readFrames(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at + 2 <= bytes.byteLength; ) {
    const end = at + 2 + bytes.readUInt16BE(at);
    if (end > bytes.byteLength) throw new Error('A frame is cut.');
    frames.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return frames;
}

const isText = 255;

/**
 * Parts of base64url with dots between them, as JWTs are, in six bits a character: for each part how many characters of
 * its last four are missing, and its bytes. Any other text as it is.
 */
function packSecret(secret: string): Buffer {
  const parts = secret.split('.');
  if (parts.length >= isText || !parts.every((part) => /^[\w-]*$/.test(part)))
    return frame(Buffer.concat([Buffer.from([isText]), Buffer.from(secret)]));
  const packed = parts.map((part) => {
    const missing = (4 - (part.length % 4)) % 4;
    const bytes = Buffer.from(part + 'A'.repeat(missing), 'base64url');
    return Buffer.concat([Buffer.from([missing]), frame(bytes)]);
  });
  return frame(Buffer.concat([Buffer.from([parts.length]), ...packed]));
}

function unpackSecret(bytes: Buffer | undefined): string {
  if (bytes === undefined) throw new Error('A secret is missing.');
  const count = bytes.readUInt8();
  if (count === isText) return bytes.subarray(1).toString('utf8');
  const parts: string[] = [];
  for (let at = 1; parts.length < count; ) {
    const end = at + 3 + bytes.readUInt16BE(at + 1);
    const text = bytes.subarray(at + 3, end).toString('base64url');
    parts.push(text.slice(0, text.length - bytes.readUInt8(at)));
    at = end;
  }
  return parts.join('.');
}

/**
 * Characters that JSON writes as they are: 16 of them hold 13 bytes, where base64 takes 18. The code is basE91's, with
 * other characters.
 */
const alphabet = Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at))
  .filter((one) => one !== '"' && one !== '\\' && one !== "'")
  .join('');
const base = alphabet.length;
const valueOfCharacter = new Map([...alphabet].map((one, value) => [one, value]));
/** Two characters hold 13 bits, and 14 where these are small enough. */
const most13 = base * base - 2 ** 13 - 1;

export function writeText91(bytes: Uint8Array): string {
  let [text, bits, count] = ['', 0, 0];
  for (const byte of bytes) {
    bits |= byte << count;
    count += 8;
    if (count <= 13) continue;
    const taken = (bits & 8_191) > most13 ? 13 : 14;
    text += pairOf(bits & (2 ** taken - 1));
    bits >>>= taken;
    count -= taken;
  }
  if (count === 0) return text;
  const last = alphabet[bits % base] ?? '';
  return text + last + (count > 7 || bits >= base ? (alphabet[Math.floor(bits / base)] ?? '') : '');
}

/** @throws Error for a character that is none of these */
export function readText91(text: string): Buffer {
  const bytes: number[] = [];
  let [bits, count, low] = [0, 0, -1];
  for (const one of text) {
    const value = valueOfCharacter.get(one);
    if (value === undefined) throw new Error('A character is unknown.');
    if (low < 0) {
      low = value;
      continue;
    }
    const pair = low + value * base;
    bits |= pair << count;
    count += (pair & 8_191) > most13 ? 13 : 14;
    low = -1;
    for (; count > 7; count -= 8) {
      bytes.push(bits & 255);
      bits >>>= 8;
    }
  }
  if (low >= 0) bytes.push((bits | (low << count)) & 255);
  return Buffer.from(bytes);
}

function pairOf(value: number): string {
  return `${alphabet[value % base]}${alphabet[Math.floor(value / base)]}`;
}
