/** A user of a test, and the cookies that sign them in. Pure. */
import type { ApiName } from '../config/declaration';

export type TestUser = {
  subject?: string;
  name?: string;
  email?: string;
  picture?: string;
  claims?: Readonly<Record<string, string | string[]>>;
  roles?: readonly string[];
  /** Scopes that were granted; left out: all that the application asks for. */
  permissions?: readonly string[];
  /** Of the APIs with a token of their own, those that gave one; left out: all. */
  apis?: readonly ApiName[];
  /** Until the session ends; below zero, it has ended. Left out: an hour. */
  expiresInSec?: number;
  /** When and how the user last proved who they are. Left out: now, and nothing. */
  authTimeSec?: number;
  acr?: string;
};

/** As the `addCookies` of Playwright takes it. */
export type TestCookie = {
  name: string;
  value: string;
  domain: string;
  path: '/';
  httpOnly: true;
  secure: boolean;
  sameSite: 'Lax';
};
