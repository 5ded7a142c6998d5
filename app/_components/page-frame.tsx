/** The frame of signed-in and public pages. */
import type { ReactNode } from 'react';
import { withBasePath } from 'strongroom';
import { places } from '@/lib/places';
import { Frame } from './frame';

type Page = {
  children: ReactNode;
  /** What stands beside the name in the banner; public pages leave it out. */
  banner?: ReactNode;
  homePath?: string;
};

export function PageFrame({ children, banner, homePath = places.home }: Page) {
  return (
    <Frame home={withBasePath(homePath)} banner={banner}>
      {children}
    </Frame>
  );
}
