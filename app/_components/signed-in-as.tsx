/** Who is signed in, in the banner. For server and browser. */

export function SignedInAs({ name }: { name: string }) {
  return (
    <span className="max-w-15 truncate text-soft min-[24rem]:max-w-36 sm:max-w-44" title={name} data-private>
      <span className="sr-only">Signed in as </span>
      {name}
    </span>
  );
}
