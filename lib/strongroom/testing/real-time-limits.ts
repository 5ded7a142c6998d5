/**
 * undici has one timer for all its time limits, which it makes at its first request and uses again ever after. Made while
 * a test had replaced `setTimeout`, it would never fire, and tests of later files in the same process would wait for
 * minutes. So it is made before any test, once for each process. Test support only.
 */
import { Agent } from 'undici';

const once = Symbol.for('strongroom.test.real-time-limits');

if (!(once in globalThis)) {
  Object.assign(globalThis, { [once]: true });
  // No server listens there: what makes the timer is the limit of connecting.
  await new Agent().request({ origin: 'http://127.0.0.1:1', path: '/', method: 'GET' }).catch(() => {});
}
