/** Signs out, on a page from the server. */
import { withBasePath } from 'strongroom';
import { type SignOut, SignOutForm, signOutPath } from './sign-out-form';

export function SignOutButton(look: Omit<SignOut, 'action'>) {
  return <SignOutForm action={withBasePath(signOutPath)} {...look} />;
}
