/** The verbs asked for most, together: they wait for the same code, and the build makes one file of it. */
export { explainVerb } from './plan/explain.ts';
export { planVerb } from './plan/plan.ts';
export { runVerb } from './run/run.ts';
