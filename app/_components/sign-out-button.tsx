/** Signs out: a plain form, so that it works before and without JavaScript and never by a link. */

type Look = 'quiet' | 'full';

const looks: Record<Look, string> = {
  quiet: 'link min-h-11 px-1 -mx-1',
  full: 'min-h-11 rounded-control border border-edge px-5 font-semibold hover:bg-sheet',
};

export function SignOutButton({ look = 'quiet' }: { look?: Look }) {
  return (
    <form method="post" action="/auth/sign-out">
      <button type="submit" className={`cursor-pointer whitespace-nowrap ${looks[look]}`}>
        Sign out
      </button>
    </form>
  );
}
