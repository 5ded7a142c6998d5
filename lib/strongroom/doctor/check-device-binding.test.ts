import { describe, expect, it } from 'vitest';
import { getConfig } from '../config/config';
import { useEnvironment } from '../testing/environment';
import { checkDeviceBinding } from './check-device-binding';
import type { Context } from './context';

describe('the doctor about device binding', () => {
  it.each([
    [{}, 'ok', 'browsers that can bind their session, and prove its key every 300 s'],
    [{ SESSION_BINDING: 'require' }, 'ok', 'every browser must bind its session'],
    [{ SESSION_BINDING: 'off' }, 'ok', 'off: '],
    [{ AUTH_URL: 'http://localhost:3000' }, 'ok', 'none over http'],
    [{ SESSION_BINDING_LIFETIME: '60' }, 'warning', 'browsers do not sign as often as 60 s want'],
  ])('%o is a finding: %s', (env, level, words) => {
    useEnvironment(env);
    const [finding, ...more] = checkDeviceBinding({ config: getConfig() } as Context);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ level, words: expect.stringContaining(words) });
  });

  it('SESSION_BINDING=require over http does not start', () => {
    useEnvironment({ SESSION_BINDING: 'require', AUTH_URL: 'http://localhost:3000' });
    expect(() => getConfig()).toThrow('configuration');
  });
});
