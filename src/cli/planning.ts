/** The verbs asked for most, together: they wait for the same code, and the build makes one file of it. */
export { explainVerb } from './explain.ts';
export { planVerb } from './plan.ts';
export { runVerb } from './run.ts';
