/** Messages that come to an open page while its access token expires again and again. */
import { expect, test } from './support/fixtures.ts';
import { list, messages, openElsewhere, post, stream, textsOf } from './support/messages-page.ts';
import type { TestStack } from './support/test-stack.ts';

const restart = async (stack: TestStack, env = {}) => {
  await stack.stop('authorization server');
  await stack.start('authorization server', env);
};
// Long enough for the slowest machine to open a stream with one: a page that is rejected waits for its user.
test.beforeAll(({ stack }) => restart(stack, { SAMPLE_ACCESS_TOKEN_SEC: '12' }));
test.afterAll(({ stack }) => restart(stack));

test('a page goes on hearing of messages when its access token expires, and shows each once', async ({
  user,
  page,
  browser,
}) => {
  await user.openSignedIn(messages);
  const reader = await openElsewhere(browser, user);
  const wanted: string[] = [];
  for (const count of [1, 2]) {
    const text = `Message ${count} of ${Date.now()}`;
    const asked = Promise.withResolvers<void>();
    const posted = Promise.withResolvers<void>();
    await reader.route(stream, async (route) => {
      asked.resolve();
      await posted.promise;
      await route.continue();
    });
    // The access token has expired, and the stream with it: the next one begins with what was missed.
    await asked.promise;
    await post(page, text);
    await expect(list(reader).filter({ hasText: text })).toHaveCount(0);
    wanted.unshift(text);
    posted.resolve();
    await expect(list(reader).first()).toContainText(text);
    expect((await textsOf(reader)).slice(0, wanted.length)).toEqual(wanted);
    await reader.unroute(stream);
  }
  await reader.context().close();
});
