'use client';
/** Stands in for a page that failed. */
import { type Failed, Failure } from '@/app/_components/failure';

export default function ErrorPage(failed: Failed) {
  return <Failure {...failed} />;
}
