/** Reads the data of a stream's events. What has another shape is left out. Pure. */
import type { Message } from '@/lib/api/messages';

const maxIdChars = 64;
const maxNameChars = 200;
const maxTextChars = 10_000;

export function readMessage(data: string): Message | null {
  const message = parseObject(data);
  const id = readId(message.id);
  const { author, text, created_at, mine } = message;
  if (id === null || typeof text !== 'string' || typeof created_at !== 'string') return null;
  if (Number.isNaN(Date.parse(created_at)) || created_at.length > 40) return null;
  const name = isObject(author) && typeof author.name === 'string' ? author.name : '';
  return {
    id,
    author: name.slice(0, maxNameChars),
    text: text.slice(0, maxTextChars),
    createdAt: created_at,
    isMine: mine === true,
  };
}

export function readDeletedId(data: string): string | null {
  return readId(parseObject(data).id);
}

function readId(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value.length <= maxIdChars ? value : null;
}

function parseObject(data: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(data);
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
