/** Runs the production build of the application as a process of its own, among servers that lie. */
import { type Child, startChild, waitUntilReady } from '../../scripts/child.ts';
import { readResidentMb } from '../../scripts/resident-memory.ts';
import { baseEnv, commandOf } from '../../scripts/stack-settings.ts';
import { forgetful } from '../support/patience.ts';

export type Application = {
  origin: string;
  pid: number;
  /** Resident memory that it has taken since it was ready, in megabytes; 0 where that cannot be read. */
  grownMb(): number;
  /** Every line that it has printed since it was ready. */
  lines: string[];
  /** Its log, one object per event. */
  events(name: string): Record<string, unknown>[];
  /** It asks for the metadata of its server again, and remembers no failure. */
  forgetMetadata(): Promise<void>;
  close(): Promise<void>;
  kill(): Promise<void>;
};

export async function startApplication(
  port: number,
  env: Readonly<Record<string, string>>,
): Promise<Application> {
  const options = { appPort: port, authorizationServerPort: 0, apiPort: 0, stateFolder: '' };
  const lines: string[] = [];
  const waiting: (() => void)[] = [];
  const child: Child = startChild({
    name: 'application',
    args: commandOf('application', options),
    env: {
      ...baseEnv(options),
      // One API and one token for all of it, unless the test says otherwise.
      CALENDAR_BASE_URL: env.API_BASE_URL,
      CALENDAR_AUDIENCE: env.AUTH_AUDIENCE,
      RATE_LIMIT_PER_MINUTE: '1000000',
      ...env,
      PORT: String(port),
      HOSTNAME: '127.0.0.1',
      COOKIE_NAME: 'strongroom',
      // The log may contain nothing secret at any level, so the tests use the most talkative one.
      LOG_LEVEL: 'debug',
    },
    onLine: (line) => (line === forgetful.line ? waiting.shift()?.() : void lines.push(line)),
  });
  await waitUntilReady(child, `http://127.0.0.1:${port}/healthz`).catch(async (error: Error) => {
    await child.stop();
    throw new Error(`${error.message}\n${lines.join('\n')}`);
  });
  // What Next prints when it starts belongs to no case.
  lines.length = 0;
  const firstMb = readResidentMb(child.pid);
  return {
    origin: `http://localhost:${port}`,
    lines,
    pid: child.pid,
    grownMb: () => readResidentMb(child.pid) - firstMb,
    events: (name) => lines.map((line) => JSON.parse(line)).filter(({ event }) => event === name),
    forgetMetadata: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        process.kill(child.pid, forgetful.signal);
      }),
    close: () => child.stop(),
    kill: () => child.kill(),
  };
}
