/**
 * For tests: makes every sign-in older than it is, so that nobody has to wait for `max_age` to pass.
 */
import { openDatabase } from '../database.ts';

export function ageSessions(stateFolder: string, bySec: number): void {
  const database = openDatabase(stateFolder);
  database
    .prepare(
      `UPDATE artifacts SET payload = json_set(payload, '$.loginTs', json_extract(payload, '$.loginTs') - ?)
       WHERE model = 'Session' AND json_extract(payload, '$.loginTs') IS NOT NULL`,
    )
    .run(bySec);
  database.close();
}
