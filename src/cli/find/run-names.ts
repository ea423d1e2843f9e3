/** How a run is named on the command line. */
export const RUN_NAMES = "`latest`, part of a run's name that no other run has, or a run's folder";
