/** Runs the bundled API: `node sample/api/main.ts`. Settings come from the environment, see `sample/settings.ts`. */
import { readSampleSettings, refuseProduction } from '../settings.ts';
import { startApis } from './server.ts';

try {
  refuseProduction();
  const settings = readSampleSettings();
  const { close } = await startApis(settings, readPowers());
  // Before the line that others wait for: they may end us right after it.
  endOnSignal(close);
  console.log(`API ready on ${settings.apiIdentifier}`);
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}

function endOnSignal(close: () => Promise<void>): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void close());
}

/** Raised by load tests, which are one user in a great hurry. */
function readPowers(): { requestsPerMinute?: number } {
  const text = process.env.SAMPLE_API_REQUESTS_PER_MINUTE;
  if (text === undefined || text === '') return {};
  if (/^[1-9]\d{0,8}$/.test(text)) return { requestsPerMinute: Number(text) };
  throw new Error(`SAMPLE_API_REQUESTS_PER_MINUTE must be a whole number above 0, not "${text}".`);
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EADDRINUSE' && 'port' in error)
    return `Port ${error.port} is taken. End the program that uses it, or set SAMPLE_API_PORT and SAMPLE_CALENDAR_PORT to other ports.`;
  return error.message;
}
