/** One contact, in the names of the wire, which are the names of the database too. */

export type Contact = {
  id: string;
  name: string;
  company: string;
  role: string;
  email: string;
  phone: string;
  city: string;
  country: string;
  notes: string;
  /** ISO 8601, UTC. */
  updated_at: string;
  /** ISO 8601, UTC; null while the contact has no picture. */
  picture_updated_at: string | null;
};
