/**
 * What the servers under test load first: the application waits twenty times as long for other servers, so that only their silence ends its
 * waiting and a slow machine never does.
 */
const script = `
  if (process.argv[1]?.endsWith('server.js')) {
    const { setTimeout: start, AbortSignal: { timeout } } = globalThis;
    const stretch = (ms) => (ms >= 1_000 && ms <= 30_000 ? ms * 20 : ms);
    AbortSignal.timeout = (ms) => timeout.call(AbortSignal, stretch(ms));
    globalThis.setTimeout = (act, ms, ...rest) => start(act, stretch(ms), ...rest);
    Object.defineProperties(globalThis.setTimeout, Object.getOwnPropertyDescriptors(start));
  }`;

export const patientNode = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` };
