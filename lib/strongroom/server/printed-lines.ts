/**
 * Makes one line of the log from whatever the framework, Node and packages print: they write several lines
 * that are no JSON, with colours, stacks and text that a stranger sent.
 */
import 'server-only';
import { nowMs } from '../base/clock';
import type { EventFields, EventName } from '../base/events';
import { logEvent, logWarning } from '../base/log';
import { describePrinted } from './describe-printed';

/** Strangers can make the framework print; an operator learns nothing from more. */
const maxLinesPerMinute = 60;

type LogLine = (event: EventName, fields: EventFields) => void;

/** Takes the place of the methods of `console`, of standard error, and of what Node does with its own warnings. */
export function logWhatIsPrinted(): void {
  const lines = new PrintedLines();
  const warn = (...parts: unknown[]) => lines.write(logWarning, parts);
  const say = (...parts: unknown[]) => lines.write(logEvent, parts);
  Object.assign(console, { error: warn, warn, log: say, info: say, debug: say, dir: say });
  Object.assign(process.stderr, { write: takeInto(warn) });
  process.removeAllListeners('warning');
  process.on('warning', warn);
}

function takeInto(warn: (text: string) => void): typeof process.stderr.write {
  return (chunk, ...rest: unknown[]) => {
    warn(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    const callback = rest.at(-1);
    if (typeof callback === 'function') process.nextTick(callback as () => void);
    return true;
  };
}

class PrintedLines {
  readonly #known = new WeakSet<Error>();
  #minute = 0;
  #count = 0;

  write(log: LogLine, parts: readonly unknown[]): void {
    const errors = parts.filter((part) => part instanceof Error);
    if (errors.some((error) => this.#isKnown(error))) return;
    for (const error of errors) this.#known.add(error);
    const leftOut = this.#startMinute();
    this.#count += 1;
    if (this.#count > maxLinesPerMinute) return;
    log('printed', { text: describePrinted(parts), ...(leftOut === 0 ? {} : { leftOut }) });
  }

  /** An error with a digest has its line: `request_failed` (report-request-error.ts). */
  #isKnown(error: Error): boolean {
    return 'digest' in error || this.#known.has(error);
  }

  /** How many lines were left out in the minute that is over. */
  #startMinute(): number {
    const minute = Math.floor(nowMs() / 60_000);
    if (minute === this.#minute) return 0;
    const leftOut = Math.max(0, this.#count - maxLinesPerMinute);
    this.#minute = minute;
    this.#count = 0;
    return leftOut;
  }
}
