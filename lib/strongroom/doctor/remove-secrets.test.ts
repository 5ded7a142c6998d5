import { expect, it } from 'vitest';
import { getConfig } from '../config/config';
import { useEnvironment } from '../testing/environment';
import { removeSecrets } from './remove-secrets';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const actionKey = base64('mQ7vT2xK9pL4wR8nB3cY6zH1jF5sD0gA');

it.each([
  ['the client secret', 'aB3+cD4/eF5=gH6~'],
  ['that secret in a form', 'aB3%2BcD4%2FeF5%3DgH6~'],
  ['the Basic header', base64('client-1:aB3+cD4/eF5=gH6~')],
  ['the encoded Basic header', base64('client-1:aB3%2BcD4%2FeF5%3DgH6~')],
  ['the action key', actionKey],
  ['the password of Redis as written', 'p%40ss%2Fword'],
  ['the password of Redis as sent', 'p@ss/word'],
  ['the password of the proxy as sent', '100% sure'],
  ['the header for the proxy', base64('me:100% sure')],
])('the doctor prints no secret that a server repeats: %s', (_what, secret) => {
  useEnvironment({
    AUTH_CLIENT_SECRET: 'aB3+cD4/eF5=gH6~',
    NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: actionKey,
    REDIS_URL: 'redis://:p%40ss%2Fword@127.0.0.1:6379',
    EGRESS_PROXY_URL: 'http://me:100%25%20sure@127.0.0.1:3128',
  });
  const said = { level: 'error', check: 'client', words: `it says <${secret}>`, mend: secret } as const;
  const [printed] = removeSecrets([said], getConfig());
  expect(printed?.words).toMatch(/^it says <\[removed\]=*>$/);
  expect(printed?.mend).not.toContain(secret);
});
