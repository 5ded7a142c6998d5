'use client';
/**
 * Entry point `strongroom/client`, for client components of the adopter: forms that lose nothing, and error
 * pages. Nothing behind it reads a cookie or a token.
 */

export { withBasePath } from './base/base-path';
export { forgetKeptForm } from './client/kept-forms';
export { reloadIfOutdated } from './client/reload-once';
export { type KeptForm, useKeptForm } from './client/use-kept-form';
