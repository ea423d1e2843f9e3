/** How a run is named on the command line. */
export const RUN_NAMES = "`latest`, any unique part of a run's name, or a run's folder";
/** And the weights of its training. */
export const MODEL_NAMES = `${RUN_NAMES}; with /STAGE if more than one of its stages has weights`;
