/** The verbs asked for most, together: they wait for the same code, and the build makes one file of it. */
export { explainVerb } from './verbs/explain.ts';
export { planVerb } from './verbs/plan.ts';
export { runVerb } from './verbs/run.ts';
