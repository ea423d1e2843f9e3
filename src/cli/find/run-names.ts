/** How a run is named on the command line. */
export const RUN_NAMES = "`latest`, any unique part of a run's name, or a run's folder";
