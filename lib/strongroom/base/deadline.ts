/** An end to waiting: the work goes on, but its caller does not wait any longer. Pure but for its timer. */

/** @returns what `work` gives within `ms` milliseconds, else `late` */
export async function waitAtMost<T>(ms: number, work: Promise<T>, late: T): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(late), ms);
  });
  return Promise.race([work, end]).finally(() => clearTimeout(timer));
}
