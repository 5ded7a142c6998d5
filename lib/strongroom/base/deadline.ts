/** An end to waiting: the work goes on, whoever waited for it does not. Pure but for its timer. */

/** What `work` gives within `ms` milliseconds, else `late`. */
export async function waitAtMost<T>(ms: number, work: Promise<T>, late: T): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(late), ms);
  });
  return Promise.race([work, end]).finally(() => clearTimeout(timer));
}
