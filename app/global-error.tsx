'use client';
/** Stands in for a public page that failed, and for the whole document when even its layout or another error page did. */
import '@fontsource-variable/public-sans/index.css';
import './globals.css';
import { withBasePath } from 'strongroom/client';
import { type Failed, Failure } from '@/app/_components/failure';
import { productName } from '@/lib/places';

export default function GlobalError(failed: Failed) {
  return (
    <html lang="en">
      <body className="min-h-dvh bg-paper font-sans text-base text-ink antialiased">
        <link rel="icon" href={withBasePath('/icon.svg')} />
        <title>{`Problem · ${productName}`}</title>
        <Failure {...failed} />
      </body>
    </html>
  );
}
