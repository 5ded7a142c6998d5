/** One thing that is wrong with the environment: the variable, and the second half of the sentence about it. */
export type ConfigProblem = { variable: string; problem: string };
