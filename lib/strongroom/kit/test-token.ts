/**
 * The access tokens of a test: they say whose they are and for which APIs, and are worth nothing elsewhere.
 * Pure.
 */
import { z } from 'zod';

const contents = z.object({
  /** Names of the declared APIs that take it. */
  apis: z.array(z.string()),
  subject: z.string(),
  permissions: z.array(z.string()),
});

export type TestToken = z.infer<typeof contents>;

const prefix = 'strongroom-test.';

export function writeTestToken(token: TestToken): string {
  return prefix + Buffer.from(JSON.stringify(token)).toString('base64url');
}

/** Null for any other text. */
export function readTestToken(text: string): TestToken | null {
  if (!text.startsWith(prefix)) return null;
  try {
    const json = Buffer.from(text.slice(prefix.length), 'base64url').toString();
    return contents.safeParse(JSON.parse(json)).data ?? null;
  } catch {
    return null;
  }
}
