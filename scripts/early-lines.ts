/**
 * What server.js of the standalone output loads first: until the application has its log, whatever is printed is a line
 * of JSON too (lib/strongroom/server/printed-lines.ts takes over). Where Next listens is not said: the log does.
 */
import { describePrinted } from '../lib/strongroom/server/describe-printed.ts';

function write(level: 'warn' | 'error', parts: readonly unknown[]): void {
  const text = describePrinted(parts);
  process.stdout.write(
    `${JSON.stringify({ level, time: new Date().toISOString(), text, event: 'printed' })}\n`,
  );
}

const warn = (...parts: unknown[]) => write('warn', parts);
const omit = () => {};
Object.assign(console, { error: warn, warn, log: omit, info: omit, debug: omit });
process.removeAllListeners('warning');
process.on('warning', warn);
process.on('uncaughtException', (error) => {
  // Next goes on after an error of a page, and prints it.
  if (console.error !== warn) return;
  write('error', [error]);
  process.exit(1);
});
