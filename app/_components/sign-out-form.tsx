/** Signs out: a plain form, so that it works before and without JavaScript and never by a link. For server and browser. */

/** Without the base path. */
export const signOutPath = '/auth/sign-out';

type Look = 'quiet' | 'full';
export type SignOut = {
  /** The address of `signOutPath`. */
  action: string;
  look?: Look;
  /** Revokes the user's sessions in all browsers. */
  isEverywhere?: boolean;
};

const looks: Record<Look, string> = {
  quiet: 'link min-h-11 px-1 -mx-1',
  full: 'min-h-11 rounded-control border border-edge px-5 font-semibold hover:bg-sheet',
};

export function SignOutForm({ action, look = 'quiet', isEverywhere = false }: SignOut) {
  return (
    <form method="post" action={action}>
      {isEverywhere ? <input type="hidden" name="where" value="everywhere" /> : null}
      <button type="submit" className={`cursor-pointer whitespace-nowrap ${looks[look]}`}>
        {isEverywhere ? 'Sign out everywhere' : 'Sign out'}
      </button>
    </form>
  );
}
