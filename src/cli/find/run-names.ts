/** How a run is named on the command line. */
export const RUN_NAMES = "`latest`, any unique part of a run's name, or a run's folder";
/** How the weights of a run's training are named. */
export const MODEL_NAMES = 'a run, as for `show`; with /STAGE if more than one of its stages has weights';
