/** The accounts that the home page of a demo offers. Pure. */
import { z } from 'zod';

export const demoAccounts = z
  .string()
  .regex(
    /^([^=,\s]+@[^=,\s]+=[^=,\s]+(,|$))*$/,
    'must look like someone@example.test=password,other@example.test=password',
  )
  .transform((value) =>
    value
      .split(',')
      .filter(Boolean)
      .map((pair) => ({ email: pair.split('=')[0] ?? '', password: pair.split('=')[1] ?? '' })),
  );
