/** The names of APIs are checked by the compiler: with a mistake in one, `npm run typecheck` fails here. */
import { callApi } from 'strongroom';
import { expect, it } from 'vitest';
import { z } from 'zod';

it('OP-01: an API that is not declared is a type error', () => {
  const request = { method: 'GET', path: ['events'] } as const;
  const calls = [
    () => callApi('calendar', request, z.unknown()),
    () => callApi(request, z.unknown()),
    // @ts-expect-error the declaration has no API of this name
    () => callApi('calender', request, z.unknown()),
  ];
  expect(calls).toHaveLength(3);
});
