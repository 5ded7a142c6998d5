'use client';
/** What a signed-in user sees of a page that failed: the other pages and the way out stay. */
import { usePathname } from 'next/navigation';
import { useEffect } from 'react';
import { withBasePath } from 'strongroom/client';
import { type Failed, Failure } from '@/app/_components/failure';
import { SignOutForm, signOutPath } from '@/app/_components/sign-out-form';
import { SiteNav } from '@/app/_components/site-nav';
import { productName } from '@/lib/places';

export default function SignedInFailure(failed: Failed) {
  useTitle(`Problem · ${productName}`);
  const banner = (
    <>
      <SiteNav pathname={usePathname()} addressOf={withBasePath} />
      <div className="ml-auto text-small">
        <SignOutForm action={withBasePath(signOutPath)} />
      </div>
    </>
  );
  return <Failure {...failed} banner={banner} />;
}

/** The title of the page that failed may arrive after this one is shown: it waits until this one has gone. */
function useTitle(title: string): void {
  useEffect(() => {
    const waiting: { element: Element; text: string }[] = [];
    const cover = () => {
      for (const element of document.head.querySelectorAll('title')) {
        const text = element.textContent;
        if (text === title) continue;
        waiting.push({ element, text });
        element.textContent = title;
      }
    };
    const observer = new MutationObserver(cover);
    observer.observe(document.head, { childList: true, subtree: true, characterData: true });
    cover();
    return () => {
      observer.disconnect();
      // The newest text of an element is the last one here.
      for (const { element, text } of waiting.toReversed())
        if (element.textContent === title) element.textContent = text;
    };
  }, [title]);
}
