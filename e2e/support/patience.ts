/**
 * What the application under test loads first. It waits twenty times as long for other servers, so that only
 * their silence ends its waiting and a slow machine never does. And on a signal it knows nothing of the metadata
 * of its authorization server, as after a start, which costs a hundred times as much.
 */
export const forgetful = { signal: 'SIGUSR2', line: 'The metadata are forgotten.' } as const;

const script = `
  if (process.argv[1]?.endsWith('server.js')) {
    const { setTimeout: start, AbortSignal: { timeout } } = globalThis;
    const stretch = (ms) => (ms >= 1_000 && ms <= 30_000 ? ms * 20 : ms);
    AbortSignal.timeout = (ms) => timeout.call(AbortSignal, stretch(ms));
    globalThis.setTimeout = (act, ms, ...rest) => start(act, stretch(ms), ...rest);
    Object.defineProperties(globalThis.setTimeout, Object.getOwnPropertyDescriptors(start));
    process.on('${forgetful.signal}', () => {
      delete globalThis[Symbol.for('strongroom.metadata')];
      process.stdout.write('${forgetful.line}\\n');
    });
  }`;

export const patientNode = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` };
