/** The Messages page as its user reads and writes it, also in a second browser. */
import { type Browser, expect, type Page } from '@playwright/test';
import type { User } from './user.ts';

export const messages = '/dashboard/messages';
export const stream = '**/api/gateway/messages/stream';
/** When its stream is open, a page asks whether something happened before. */
export const comparison = '**/api/gateway/messages?*';
export const list = (page: Page) => page.getByRole('main').getByRole('listitem');
export const textsOf = (page: Page) => list(page).locator('p:nth-of-type(2)').allTextContents();

/** The messages of the same user in a browser of its own, hearing of what happens. */
export async function openElsewhere(browser: Browser, user: User): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  const ready = Promise.all([page.waitForResponse(stream), page.waitForResponse(comparison)]);
  await user.at(page).openSignedIn(messages);
  await ready;
  return page;
}

export async function post(page: Page, text: string): Promise<void> {
  await page.getByLabel('New message').fill(text);
  await page.getByRole('button', { name: 'Post message' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Your message is posted.' })).toBeVisible();
}

export async function deleteMessage(page: Page, text: string): Promise<void> {
  const message = list(page).filter({ hasText: text });
  await message.getByText('Delete …').click();
  await message.getByRole('button', { name: 'Delete message' }).click();
  await expect(message).toHaveCount(0);
}
