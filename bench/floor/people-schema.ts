/** The shape of the API's response, for the applications that validate it. */
import { z } from 'zod';

const row = z.object({
  id: z.string(),
  name: z.string(),
  company: z.string(),
  role: z.string(),
  email: z.string(),
  city: z.string(),
});

export const peopleSchema = z.object({ items: z.array(row).max(200) });
