/**
 * How many requests of one kind may be under way at a time, for each user and together.
 * The rate limit counts how often a user comes; this counts what takes up room for as long as it lasts.
 */

/** Gives the place back. Calling it again changes nothing. */
type GiveBack = () => void;
export type Places = {
  /** @returns null when there is no place left. */
  take(ownerId: number): GiveBack | null;
};

export function createPlaces({ perOwner, total }: { perOwner: number; total: number }): Places {
  const takenBy = new Map<number, number>();
  let taken = 0;

  function add(ownerId: number, change: 1 | -1): void {
    const count = (takenBy.get(ownerId) ?? 0) + change;
    if (count === 0) takenBy.delete(ownerId);
    else takenBy.set(ownerId, count);
    taken += change;
  }

  return {
    take(ownerId) {
      if (taken >= total || (takenBy.get(ownerId) ?? 0) >= perOwner) return null;
      add(ownerId, 1);
      let isGivenBack = false;
      return () => {
        if (isGivenBack) return;
        isGivenBack = true;
        add(ownerId, -1);
      };
    },
  };
}
