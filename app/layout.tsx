/**
 * The document around every page. Rendered for each request: the nonce of the content security policy is new
 * each time.
 */
import '@fontsource-variable/public-sans/index.css';
import './globals.css';
import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { productName, yourData } from '@/lib/places';

export const dynamic = 'force-dynamic';

export const metadata: Metadata = {
  title: { default: productName, template: `%s · ${productName}` },
  description: `${yourData}, behind one sign-in.`,
  robots: { index: false, follow: false },
};

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#fafaf8' },
    { media: '(prefers-color-scheme: dark)', color: '#12161e' },
  ],
};

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body className="min-h-dvh bg-paper font-sans text-base text-ink antialiased">{children}</body>
    </html>
  );
}
