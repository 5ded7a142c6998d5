/**
 * One JSON line per event. Events carry account ids, client ids, scopes and reference numbers;
 * never a password, a code, a token, or what somebody typed into a form.
 */
export type LogFields = Record<string, string | number | boolean | undefined>;
export type Log = (event: string, fields?: LogFields) => void;

export function createLog(write: (line: string) => void = console.log): Log {
  return (event, fields = {}) =>
    write(JSON.stringify({ time: new Date().toISOString(), server: 'authorization', event, ...fields }));
}
