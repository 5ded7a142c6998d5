/** Prints a new secret for AUTH_SECRET, numbered with the time so that the newest one seals. */
import { randomBytes } from 'node:crypto';

const days = Math.floor(Date.now() / 86_400_000);
console.log(`${days}:${randomBytes(32).toString('base64url')}`);
