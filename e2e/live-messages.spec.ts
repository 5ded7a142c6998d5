/** Messages that come and go on an open page. */
import { expect, test } from './support/fixtures.ts';
import {
  comparison,
  deleteMessage,
  list,
  messages,
  openElsewhere,
  post,
  stream,
  textsOf,
} from './support/messages-page.ts';

test('a message that is posted elsewhere appears by itself and goes when it is deleted; a draft stays', async ({
  user,
  page,
  browser,
}) => {
  await user.openSignedIn(messages);
  const reader = await openElsewhere(browser, user);
  const before = await textsOf(reader);
  const total = Number.parseInt((await reader.getByText(/^\d+ messages$/).textContent()) ?? '', 10);
  const draft = reader.getByLabel('New message');
  await draft.pressSequentially('Half a sent');
  const text = `Elsewhere ${Date.now()}`;
  await post(page, text);
  await expect(list(reader).first()).toContainText(text);
  // It is the user's own, wherever it was posted.
  await expect(list(reader).first().locator('img')).toHaveJSProperty('complete', true);
  await draft.pressSequentially('ence');
  await expect(draft).toHaveValue('Half a sentence');
  await expect(draft).toBeFocused();
  await expect(reader.getByRole('status').filter({ hasText: 'A new message is at the top.' })).toHaveCount(1);
  await expect(reader.getByText(`${total + 1} messages`, { exact: true })).toBeVisible();
  expect(await textsOf(reader)).toEqual([text, ...before]);
  await expect(list(page).filter({ hasText: text })).toHaveCount(1);
  await deleteMessage(page, text);
  await expect(list(reader).filter({ hasText: text })).toHaveCount(0);
  await expect(reader.getByText(`${total} messages`, { exact: true })).toBeVisible();
  expect(await textsOf(reader)).toEqual(before);
  await expect(draft).toHaveValue('Half a sentence');
  await reader.context().close();
});

test('what was posted before the stream was open is there when it is', async ({ user, page, browser }) => {
  await user.openSignedIn(messages);
  const reader = await (await browser.newContext()).newPage();
  const asked = Promise.withResolvers<void>();
  const posted = Promise.withResolvers<void>();
  await reader.route(stream, async (route) => {
    asked.resolve();
    await posted.promise;
    await route.continue();
  });
  await user.at(reader).openSignedIn(messages);
  await asked.promise;
  const text = `Between page and stream ${Date.now()}`;
  await post(page, text);
  await expect(list(reader).filter({ hasText: text })).toHaveCount(0);
  posted.resolve();
  await expect(list(reader).first()).toContainText(text);
  await reader.context().close();
});

test('a button in the list stays under the finger when a message appears above it', async ({
  user,
  page,
  browser,
}) => {
  await user.openSignedIn(messages);
  const reader = await openElsewhere(browser, user);
  await list(reader).nth(1).getByText('Delete …').click();
  const button = reader.getByRole('button', { name: 'Delete message' });
  const before = await button.boundingBox();
  const text = `Above the button ${Date.now()}`;
  await post(page, text);
  await expect(list(reader).first()).toContainText(text);
  expect((await button.boundingBox())?.y).toBeCloseTo(before?.y ?? 0, 0);
  await reader.context().close();
});

test('when the API cannot tell what was missed, the list is read again once its user is there', async ({
  user,
  page,
  browser,
}) => {
  await user.openSignedIn(messages);
  const reader = await (await browser.newContext()).newPage();
  let responses = 0;
  const told = Promise.withResolvers<void>();
  await reader.route(stream, async (route) => {
    responses += 1;
    if (responses > 1) await told.promise;
    const event = responses === 1 ? ':\n\n' : 'event: reload\ndata: {}\n\n';
    await route.fulfill({ contentType: 'text/event-stream', body: `retry: 100\n${event}` });
  });
  const compared = reader.waitForResponse(comparison);
  await user.at(reader).openSignedIn(messages);
  await compared;
  const text = `Missed ${Date.now()}`;
  await post(page, text);
  told.resolve();
  await expect.poll(() => responses).toBeGreaterThan(2);
  await expect(list(reader).filter({ hasText: text })).toHaveCount(0);
  await reader.mouse.move(200, 200);
  await expect(list(reader).first()).toContainText(text);
  await reader.context().close();
});

test('once the session is over, the page shows nothing more of it and asks no more', async ({
  user,
  page,
  context,
}) => {
  const opened = page.waitForResponse(stream);
  await user.openSignedIn(messages);
  await opened;
  await page.getByLabel('New message').fill('Still mine');
  const rejected = page.waitForResponse(
    (response) => response.url().endsWith('/stream') && response.status() === 401,
  );
  const other = await context.newPage();
  await user.at(other).open('/dashboard');
  await user.at(other).signOut();
  await expect(list(page).first()).toBeHidden();
  await rejected;
  let asked = 0;
  page.on('request', (request) => {
    if (request.url().includes('/api/gateway/')) asked += 1;
  });
  await user.at(other).openSignedIn(messages);
  await page.mouse.move(100, 100);
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await page.evaluate(() => fetch('/auth/status'));
  expect(asked).toBe(0);
  await expect(page.getByLabel('New message')).toHaveValue('Still mine');
});
