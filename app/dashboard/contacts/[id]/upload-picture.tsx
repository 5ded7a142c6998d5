'use client';
/**
 * Puts a picture beside a contact. It needs JavaScript: the file goes to the API as it is, and the page
 * stays.
 */
import { useRouter } from 'next/navigation';
import { type FormEvent, useId, useState, useSyncExternalStore, useTransition } from 'react';
import { Shape } from '@/app/_components/notice';
import { SubmitButton } from '@/app/_components/submit-button';
import { pictureTypes } from './picture-file';
import { pictureWords } from './picture-words';
import { type PictureOutcome, sendPicture } from './send-picture';

type Upload = { contactId: string; grant: { label: string; href: string }; signInHref: string };

export function UploadPicture(upload: Upload) {
  // The place is kept meanwhile: nothing below moves when the scripts are there.
  return (
    <div className="min-h-47 min-w-0 grow sm:min-h-34">
      {useHasScript() ? (
        <PictureForm {...upload} />
      ) : (
        <noscript>
          <p className="text-small text-soft">
            Uploading a picture needs JavaScript, which is off in this browser.
          </p>
        </noscript>
      )}
    </div>
  );
}

function useHasScript(): boolean {
  return useSyncExternalStore(
    () => () => {},
    () => true,
    () => false,
  );
}

function PictureForm({ contactId, grant, signInHref }: Upload) {
  const { outcome, isPending, upload } = useUpload(contactId);
  const id = useId();
  const links = { grant, sign_in: { label: 'Sign in again', href: signInHref } };
  return (
    <form onSubmit={upload}>
      <label htmlFor={id} className="block font-semibold">
        Picture
      </label>
      <p id={`${id}-limit`} className="text-small text-soft">
        PNG, JPEG or WebP, at most 2 MB
      </p>
      <div className="mt-1 flex flex-col items-start gap-x-4 gap-y-2 sm:flex-row">
        <input
          id={id}
          type="file"
          name="picture"
          accept={pictureTypes.join(',')}
          aria-describedby={`${id}-limit ${id}-outcome`}
          className="min-h-11 w-72 max-w-full py-2 text-small file:mr-3 file:cursor-pointer file:rounded-control file:border file:border-edge file:px-3 file:py-1 file:font-semibold hover:file:bg-sheet"
        />
        <SubmitButton label="Upload picture" pendingLabel="Uploading" look="plain" isPending={isPending} />
      </div>
      <div id={`${id}-outcome`} role="status" className="min-h-11">
        {outcome === null ? null : <Outcome outcome={outcome} links={links} />}
      </div>
    </form>
  );
}

function useUpload(contactId: string) {
  const router = useRouter();
  const [outcome, setOutcome] = useState<PictureOutcome | null>(null);
  const [isPending, startTransition] = useTransition();
  const upload = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const chosen = new FormData(form).get('picture');
    const file = chosen instanceof File && chosen.size > 0 ? chosen : null;
    if (isPending) return;
    setOutcome(null);
    startTransition(async () => {
      const result = await sendPicture(contactId, file);
      startTransition(() => setOutcome(result));
      if (result !== 'stored') return;
      form.reset();
      router.refresh();
    });
  };
  return { outcome, isPending, upload };
}

type Links = Record<'grant' | 'sign_in', { label: string; href: string }>;

function Outcome({ outcome, links }: { outcome: PictureOutcome; links: Links }) {
  const { tone, words, way } = pictureWords[outcome];
  return (
    <div className="flex gap-2 py-2">
      <Shape tone={tone} />
      <div className="min-w-0">
        <p>{words}</p>
        {way === undefined ? null : (
          <a href={links[way].href} className="link inline-flex min-h-11 items-center font-semibold">
            {links[way].label}
          </a>
        )}
      </div>
    </div>
  );
}
