import { expect, it } from 'vitest';
import { withFragment } from './with-fragment';

const href = '/auth/sign-in?return_to=%2Fnotes%3Fpage%3D2&connection=a+b';
const wanted = (link: string) => new URL(link, 'https://app.example').searchParams.get('return_to');

it('RD-06: the section of the wanted page is asked for too', () => {
  const link = withFragment(href, '#second%20part');
  expect(wanted(link)).toBe('/notes?page=2#second%20part');
  expect(new URL(link, 'https://app.example').searchParams.get('connection')).toBe('a b');
});

it.each(['', '#', '#a b', '#é', `#${'x'.repeat(200)}`])('a section like %j changes nothing', (fragment) => {
  expect(withFragment(href, fragment)).toBe(href);
});

it('a page that names its section keeps it', () => {
  const link = '/auth/sign-in?return_to=%2Fnotes%23first';
  expect(withFragment(link, '#second')).toBe(link);
});
