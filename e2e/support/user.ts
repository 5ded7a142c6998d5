/** A user in front of a browser: signs in, consents, declines and signs out by what the screen says. */
import type { Page } from '@playwright/test';
import { toContextCookies } from './context-cookies.ts';
import { step } from './history.ts';
import { HttpBrowser } from './http-browser.ts';
import { editContextSession, withExpiredToken } from './seals.ts';
import { reachCallback } from './sign-in-by-http.ts';
import { ada, type TestStack } from './test-stack.ts';

/** The name that the sample server gives the person behind an address such as `user001@strongroom.test`. */
export function nameOfNewcomer({ email }: User): string {
  return `User ${/^user(\d{3})@/.exec(email)?.[1]}`;
}

export class User {
  readonly page: Page;
  readonly stack: TestStack;
  readonly email: string;

  constructor(page: Page, stack: TestStack, email: string = ada) {
    this.page = page;
    this.stack = stack;
    this.email = email;
  }

  /** The same user in another tab or window of the same browser. */
  at(page: Page): User {
    return new User(page, this.stack, this.email);
  }

  as(email: string): User {
    return new User(this.page, this.stack, email);
  }

  async open(path: string): Promise<void> {
    await this.page.goto(this.stack.appOrigin + path);
  }

  /** One step back in the history. */
  async goBack(): Promise<void> {
    await step(this.page, 'goBack');
  }

  async goForward(): Promise<void> {
    await step(this.page, 'goForward');
  }

  /** From our page to the authorization server's first question. */
  async startSignIn(): Promise<void> {
    await this.page
      .getByRole('main')
      .getByRole('link', { name: /^Sign in|^Try again/ })
      .first()
      .click();
  }

  async enterPassword(password: string = this.stack.passwordOf(this.email)): Promise<void> {
    await this.page.getByLabel('E-mail address').fill(this.email);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
  }

  /** Enters the password, consents if asked, and waits for our own page. */
  async completeSignIn(consent: { without?: string[] } = {}): Promise<void> {
    await this.enterPassword();
    const allow = this.page.getByRole('button', { name: 'Allow' });
    const signOut = this.page.getByRole('banner').getByRole('button', { name: 'Sign out' });
    await allow.or(signOut).first().waitFor();
    if (await allow.isVisible()) await this.consent(consent);
    await signOut.waitFor();
  }

  /** Submits the consent page; `without` names permissions that are declined. */
  async consent({ without = [] }: { without?: string[] } = {}): Promise<void> {
    for (const permission of without) await this.page.getByRole('checkbox', { name: permission }).uncheck();
    await this.page.getByRole('button', { name: 'Allow' }).click();
  }

  /** Signs in from wherever the link is, and consents if asked; ends on the page that was wanted. */
  async signIn(path = '/', consent: { without?: string[] } = {}): Promise<void> {
    await this.open(path);
    await this.startSignIn();
    await this.completeSignIn(consent);
  }

  /**
   * Signs in without a screen, consents to everything, and opens `path`: for what is not about signing in. No key was pressed on the way,
   * and no pointer lies anywhere.
   */
  async openSignedIn(path: string): Promise<void> {
    const context = this.page.context();
    const browser = new HttpBrowser();
    const callback = await reachCallback(this.stack, browser, { email: this.email });
    await browser.visit(callback, { maxRedirects: 0 });
    await context.addCookies(toContextCookies(browser));
    await this.open(path);
  }

  /** As if the access token had just expired: nothing has to wait. */
  expireAccessToken(): Promise<void> {
    return editContextSession(this.stack, this.page.context(), withExpiredToken);
  }

  async signOut(): Promise<void> {
    await this.page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
    await this.page.getByRole('heading', { name: 'You are signed out', exact: false }).waitFor();
  }
}
