/** A user in front of a browser of their own, of which everything is written down that they could see or that went wrong. */
import type { BrowserContext, Page } from '@playwright/test';
import { type Bindings, watchBindings } from './binding-browser.ts';
import type { TestStack } from './test-stack.ts';
import { User } from './user.ts';

export type Seat = {
  context: BrowserContext;
  page: Page;
  user: User;
  bindings: Bindings;
  /** Errors of scripts and in the console, and responses of 400 and more. */
  complaints: string[];
};

export async function sitDown(stack: TestStack, context: BrowserContext): Promise<Seat> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
  });
  return { context, page, user: new User(page, stack), bindings: await watchBindings(page), complaints };
}
