/** One thing that is wrong with the environment: the variable, and the second half of the sentence about it. Pure. */
export type ConfigProblem = { variable: string; problem: string };
