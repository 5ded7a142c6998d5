/** One way to misconfigure a deployment, and what the doctor has to name. */
import type { DoctorWorld } from '../support/doctor-world.ts';

export type Misconfiguration = {
  what: string;
  /** The variable to change, which the doctor has to name. */
  variable: string;
  env?: (world: DoctorWorld) => Record<string, string>;
  /** Changes a server. */
  breaks?: (world: DoctorWorld) => unknown;
  /** What must be said, where the variable alone could be named for another reason. */
  words?: RegExp;
};

export const set =
  (variable: string, value: string) =>
  (what: string): Misconfiguration => ({ what, variable, env: () => ({ [variable]: value }) });

/** Changes members of the metadata. */
export const lists = (members: Record<string, unknown>) => (world: DoctorWorld) => {
  world.server.metadata = { members };
};
/** A token endpoint whose responses the case writes. */
export const tokenEndpoint = ({ other }: DoctorWorld) => ({ AUTH_TOKEN_ENDPOINT: `${other.origin}/token` });
