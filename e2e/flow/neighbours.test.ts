/** Two applications on one host: browsers keep cookies by host, and do not tell its ports apart. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpBrowser } from '../support/http-browser.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

let first: TestStack;
let second: TestStack;
beforeAll(async () => {
  // The other tests give their application a name, so that they know its cookies.
  const unnamed = { COOKIE_NAME: '' };
  [first, second] = await Promise.all([
    startTestStack(unnamed),
    startTestStack({ ...unnamed, SESSION_ENDS_WITH_BROWSER: 'yes' }),
  ]);
});
afterAll(() => Promise.all([first?.close(), second?.close()]));

const isSignedIn = async (browser: HttpBrowser, { appOrigin }: TestStack) =>
  (await browser.visit(`${appOrigin}/dashboard/contacts`)).html.includes('<table');
const portOf = ({ appOrigin }: TestStack) => new URL(appOrigin).port;

describe('two applications on ports of one host', () => {
  it('CK-01: keep their sessions apart, in every cookie, through signing in and out', async () => {
    const browser = new HttpBrowser();
    await signInByHttp(first, browser);
    await signInByHttp(second, browser);
    expect([await isSignedIn(browser, first), await isSignedIn(browser, second)]).toEqual([true, true]);
    const names = [...browser.cookies(first.appOrigin).keys()].filter((name) => /strongroom/.test(name));
    expect(new Set(names.map((name) => name.split(/[-.]/)[0]))).toEqual(
      new Set([`strongroom_${portOf(first)}`, `strongroom_${portOf(second)}`]),
    );
    await browser.submit(await browser.visit(`${second.appOrigin}/dashboard/session`), /sign-out/);
    expect([await isSignedIn(browser, first), await isSignedIn(browser, second)]).toEqual([true, false]);
  });

  it('SE-02: with SESSION_ENDS_WITH_BROWSER no cookie has a lifetime, and the session works all the same', async () => {
    const browser = new HttpBrowser();
    const page = await signInByHttp(second, browser);
    const written = page.responses
      .flatMap(({ setCookies }) => setCookies)
      .filter((line) => /^strongroom[^=]*=[^;]/.test(line));
    expect(written.length).toBeGreaterThan(0);
    expect(written.filter((line) => /max-age|expires/i.test(line))).toEqual([]);
    expect(await isSignedIn(browser, second)).toBe(true);
  });
});
