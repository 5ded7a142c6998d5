/** The shape of the word lists behind the invented contacts. A name may carry its own script after a bar: `Haruka|遥`. */

export type Region = {
  country: string;
  cities: string[];
  /** `#` is a digit. Only ranges that the regulators keep free for drama and examples. */
  phone: string;
  given: string[];
  family: string[];
  /** Own-script names are written together, family name first. */
  isFamilyFirst?: boolean;
};

/** For countries whose regulator keeps no range free: North America's, on the number of a branch office. */
export const branchOfficePhone = '+1 202 555 01##';
