'use client';
/** Signs out: a plain form, so that it works before and without JavaScript and never by a link. */

import { withBasePath } from 'strongroom/client';

type Look = 'quiet' | 'full';
type SignOut = {
  look?: Look;
  /** Revokes the user's sessions in all browsers. */
  isEverywhere?: boolean;
};

const looks: Record<Look, string> = {
  quiet: 'link min-h-11 px-1 -mx-1',
  full: 'min-h-11 rounded-control border border-edge px-5 font-semibold hover:bg-sheet',
};

export function SignOutButton({ look = 'quiet', isEverywhere = false }: SignOut) {
  return (
    <form method="post" action={withBasePath('/auth/sign-out')}>
      {isEverywhere ? <input type="hidden" name="where" value="everywhere" /> : null}
      <button type="submit" className={`cursor-pointer whitespace-nowrap ${looks[look]}`}>
        {isEverywhere ? 'Sign out everywhere' : 'Sign out'}
      </button>
    </form>
  );
}
