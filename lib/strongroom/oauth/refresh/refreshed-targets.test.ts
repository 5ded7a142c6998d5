/** What a response to a refresh for one of several APIs says: a token that cannot be used, its scopes, its audience. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { getApi } from '../../config/config';
import { type RefreshQueue, startRefreshQueue, tokenOf } from '../../testing/refresh-queue';
import { noonSec } from '../../testing/sessions';
import { allScopes, apiNames, audiences, sharedScope, type TestApiName } from '../../testing/three-apis';

let queue: RefreshQueue;
beforeAll(async () => {
  queue = await startRefreshQueue();
});
afterAll(() => queue.server.close());
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: noonSec * 1000 });
  queue.restart();
});
afterEach(() => void vi.useRealTimers());

describe('RF-11: an API for which the server gives no token', () => {
  const unusable: [string, object][] = [
    ['of another type', { token_type: 'N_A' }],
    ['that is bound, where a bearer token was asked for', { token_type: 'DPoP' }],
    ['that would end the header', { access_token: 'two\nlines' }],
    ['that is not there', { access_token: undefined }],
  ];

  /** Rotates for all, with access tokens for one API that cannot be used. */
  function spoil(name: TestApiName, changes: object): void {
    const rotate = queue.server.onTokenRequest;
    queue.server.onTokenRequest = ({ respond, ...request }) => {
      const isSpoilt = request.form.get('resource') === audiences[name];
      const respondSpoilt: typeof respond = (body, ...more) =>
        respond(isSpoilt ? { ...(body as object), ...changes } : body, ...more);
      return rotate?.({ ...request, respond: respondSpoilt });
    };
  }

  it.each(unusable)(
    'RF-09: a token %s costs that API alone, and the refresh token beside it is kept',
    async (_what, changes) => {
      spoil('calendar', changes);
      const session = queue.sessionOf();
      const paused = await queue.refreshedTokens('calendar', session);
      expect([tokenOf(paused, 'calendar'), paused.refreshToken]).toEqual([null, 'refresh-2']);
      const all = await Promise.all(apiNames.map((name) => queue.refreshedTokens(name, session)));
      for (const tokens of all) expect(tokens.refreshToken).not.toBe('refresh-1');
      const [first, ...others] = queue.strict.sent.map(({ audience }) => audience);
      expect(first).toBe(audiences.calendar);
      // Which of two that ask at once comes first is left to chance.
      expect(others.toSorted()).toEqual([audiences.files, audiences.main].toSorted());
      expect(queue.strict.reused()).toBe(0);
    },
  );

  it('RF-09: a token of the first API that cannot be used: the session goes on with the refresh token beside it', async () => {
    spoil('main', { token_type: 'N_A' });
    const session = queue.sessionOf();
    const tokens = await queue.refreshedTokens('main', session);
    expect(tokens).toMatchObject({ refreshToken: 'refresh-2', accessToken: session.tokens.accessToken });
    // It is asked again later, and not by the next request.
    expect(await queue.refresh('main', { ...session, tokens })).toEqual({
      kind: 'retry_later',
      reason: 'token_type',
    });
    expect([queue.strict.sent.length, queue.strict.reused()]).toEqual([1, 0]);
  });

  it('RF-09: without a new refresh token, the old one is sent for the others', async () => {
    queue.server.onTokenRequest = ({ form, respond }) =>
      respond({ access_token: 'a', token_type: form.get('resource') === audiences.main ? 'Bearer' : 'N_A' });
    const tokens = await queue.refreshedTokens('calendar');
    expect([tokenOf(tokens, 'calendar'), tokens.refreshToken]).toEqual([null, 'refresh-1']);
    expect(tokenOf(await queue.refreshedTokens('main'), 'main')).toBe('a');
  });
});

describe('RF-11: the scopes of a response for one API', () => {
  it('RF-11: take nothing from those of others', async () => {
    queue.server.onTokenRequest = ({ form, respond }) =>
      respond({
        access_token: 'a',
        token_type: 'Bearer',
        scope: form.get('resource') === audiences.files ? 'read:files' : 'read:contacts',
      });
    await queue.refreshedTokens('main');
    const { scopes } = await queue.refreshedTokens('files');
    expect(scopes).toEqual(allScopes.filter((scope) => scope !== 'write:files'));
  });

  it.each([
    ['a narrower scope', { access_token: 'a', token_type: 'Bearer', scope: 'read:files' }, 200, true],
    ['invalid_scope', { error: 'invalid_scope' }, 400, false],
  ])('RF-11: take nothing by %s of what another API names too', async (_what, body, status, isKept) => {
    queue.restart({}, sharedScope);
    queue.server.onTokenRequest = ({ respond }) => respond(body, status);
    const { scopes } = await queue.refreshedTokens('files');
    expect([scopes.includes('read:events'), scopes.includes('read:files')]).toEqual([true, isKept]);
  });
});

describe('RF-05: a server without resource indicators', () => {
  const jwt = (aud?: string | string[], n = 0) =>
    `e30.${Buffer.from(JSON.stringify({ aud, n })).toString('base64url')}.c2ln`;

  it('RF-05: that gives the token of the first API for another one: it is not sent there', async () => {
    const token = { access_token: jwt(audiences.main), token_type: 'Bearer', expires_in: 300 };
    queue.server.onTokenRequest = ({ respond }) => respond({ ...token, refresh_token: 'refresh-2' });
    const tokens = await queue.refreshedTokens('calendar');
    expect(tokenOf(tokens, 'calendar')).toBeNull();
    expect(tokens.refreshToken).toBe('refresh-2');
  });

  it('RF-05: that gives the very token of the first API, opaque as it is: it is not sent to another one', async () => {
    const { accessToken } = queue.sessionOf().tokens;
    queue.server.onTokenRequest = ({ respond }) =>
      respond({ access_token: accessToken, token_type: 'Bearer' });
    expect(tokenOf(await queue.refreshedTokens('calendar'), 'calendar')).toBeNull();
  });

  it.each<[unknown, string | string[] | undefined, string | string[] | undefined, boolean]>([
    ['an audience that is not configured', 'account', 'account', false],
    ['the same as a list', 'account', ['account'], false],
    ['several in another order', ['account', 'broker'], ['broker', 'account'], false],
    ['none', undefined, undefined, false],
    ['another one than the first has', 'account', 'calendar-by-another-name', true],
    ['its own among those of the first', 'account', ['account', audiences.calendar], true],
  ])('RF-05: a new token for another API with %s (first: %j, it: %j) is kept: %s', async (...row) => {
    const [, first, other, isKept] = row;
    const accessToken = jwt(other, 2);
    queue.server.onTokenRequest = ({ respond }) =>
      respond({ access_token: accessToken, token_type: 'Bearer' });
    const tokens = await queue.refreshedTokens('calendar', queue.sessionOf({ accessToken: jwt(first, 1) }));
    expect(tokenOf(tokens, 'calendar')).toBe(isKept ? accessToken : null);
  });

  it('RF-05: works with one token for all, where the operator says that the audience is the same', async () => {
    queue.restart({ CALENDAR_AUDIENCE: audiences.main });
    await Promise.all([queue.refreshedTokens('main'), queue.refreshedTokens('calendar')]);
    expect(queue.strict.sent).toEqual([{ refreshToken: 'refresh-1', audience: audiences.main }]);
    expect(getApi('calendar').tokenName).toBeNull();
  });
});
