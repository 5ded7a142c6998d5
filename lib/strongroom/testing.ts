/**
 * Entry point `strongroom/testing`, for tests of the adopter's pages without an authorization server. It
 * works in a test's process alone, against an application on this machine that has its `AUTH_SECRET` from
 * there.
 */
export { type FakeApi, type FakeReply, type FakeRequest, startFakeApi } from './kit/fake-api';
export { fixtures, type TestFixtures, type TestWorkerFixtures } from './kit/fixtures';
export { signedInCookies } from './kit/signed-in-cookies';
export { startTestApp, type TestApp } from './kit/test-app';
export { testEnvironment } from './kit/test-environment';
export type { TestCookie, TestUser } from './kit/test-user';
