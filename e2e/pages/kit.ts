/**
 * What tests of pages begin with: the build of the application, fake APIs, and users without an authorization
 * server.
 */
import { test as base } from '@playwright/test';
import { fixtures } from 'strongroom/testing';
import { declaration } from '../../lib/declaration';

export { expect } from '@playwright/test';
export const test = base.extend(fixtures(declaration));
