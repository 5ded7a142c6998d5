import { beforeEach, describe, expect, it } from 'vitest';
import { useEnvironment } from '@/lib/testing/environment';
import { appErrorOf } from '@/lib/testing/expect-app-error';
import { judgeExchange } from './authorization-server-answers';

beforeEach(() => useEnvironment());

describe('the answer to the code exchange', () => {
  it.each([[undefined], [null], ['']])(
    'TK-12: with the ID token %j nobody is signed in',
    async (id_token) => {
      const response = Response.json({ access_token: 'a', token_type: 'Bearer', id_token });
      const error = await appErrorOf(() => judgeExchange(response, 'nonce-1', 0));
      expect([error.code, error.reason]).toEqual(['answer_not_believed', 'id_token_missing']);
    },
  );

  it('TK-03: invalid_grant starts over', async () => {
    const response = Response.json({ error: 'invalid_grant' }, { status: 400 });
    expect((await appErrorOf(() => judgeExchange(response, 'nonce-1', 0))).code).toBe('sign_in_expired');
  });
});
