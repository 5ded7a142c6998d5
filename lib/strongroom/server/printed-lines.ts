/**
 * Makes one line of the log from whatever the framework, Node and packages print: they write several lines
 * that are no JSON, with colours, stacks and text that a stranger sent.
 */
import 'server-only';
import { nowMs } from '../base/clock';
import { type EventFields, logEvent, logWarning } from '../base/log';

const maxReadChars = 2_000;
const maxTextChars = 200;
/** Strangers can make the framework print; an operator learns nothing from more. */
const maxLinesPerMinute = 60;

type LogLine = (event: string, fields: EventFields) => void;

/** Takes the place of the methods of `console`, and of what Node does with its own warnings. */
export function logWhatIsPrinted(target: Console = console): void {
  const lines = new LineBudget();
  const takeOver =
    (log: LogLine) =>
    (...parts: unknown[]) => {
      if (isReported(parts)) return;
      const budget = lines.take();
      if (budget !== null) log('printed', { text: describePrinted(parts), ...budget });
    };
  const warn = takeOver(logWarning);
  const say = takeOver(logEvent);
  Object.assign(target, { error: warn, warn, log: say, info: say, debug: say, dir: say });
  process.removeAllListeners('warning');
  process.on('warning', warn);
}

/** An error with a digest has its line already: `request_failed` (report-request-error.ts). */
function isReported(parts: readonly unknown[]): boolean {
  return parts.some((part) => part instanceof Error && 'digest' in part);
}

/** What was printed, without what may come from outside: quotations, queries of addresses, long words. Pure. */
export function describePrinted(parts: readonly unknown[]): string {
  const texts = parts.map((part) =>
    part instanceof Error
      ? `${part.name}: ${part.message}`
      : typeof part === 'string'
        ? part
        : `(${typeof part})`,
  );
  return texts
    .join(' ')
    .slice(0, maxReadChars)
    .replace(/\p{Cc}\[[\d;]*m/gu, '')
    .replace(/"[^"]*"|`[^`]*`|\B'[^']*'/g, '"…"')
    .replace(/\?\S*/g, '?')
    .replace(/[^\x20-\x7e…]+/g, ' ')
    .replace(/\S{40,}/g, '…')
    .trim()
    .slice(0, maxTextChars);
}

class LineBudget {
  #minute = 0;
  #count = 0;

  /** null: this minute has had its lines. The first line of a minute says how many were left out before it. */
  take(): { leftOut?: number } | null {
    const minute = Math.floor(nowMs() / 60_000);
    const leftOut = minute === this.#minute ? 0 : Math.max(0, this.#count - maxLinesPerMinute);
    this.#count = minute === this.#minute ? this.#count + 1 : 1;
    this.#minute = minute;
    if (this.#count > maxLinesPerMinute) return null;
    return leftOut === 0 ? {} : { leftOut };
  }
}
