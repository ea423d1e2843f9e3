/**
 * What MLflow returns to each request that we send (versions 2.17 to 3.18). An answer of another form comes from
 * something between us and the server, and then nothing has been received.
 */

type Json = Record<string, unknown>;

/** Route → whether a JSON object is MLflow's answer to it. */
export const answersOf: Record<Route, (json: Json) => boolean> = {
  'experiments/get': (json) => isExperiment(json['experiment']),
  'experiments/get-by-name': (json) => isExperiment(json['experiment']),
  'experiments/create': (json) => typeof json['experiment_id'] === 'string',
  'experiments/restore': isEmpty,
  'experiments/set-experiment-tag': isEmpty,
  'runs/get': (json) => isRun(json['run']),
  'runs/create': (json) => isRun(json['run']),
  'runs/search': ({ runs = [], next_page_token: _, ...rest }) => isEmpty(rest) && isListOf(runs, isRun),
  'runs/update': (json) => isObject(json['run_info']),
  'runs/log-batch': isEmpty,
  'runs/log-inputs': isEmpty,
  'runs/delete-tag': isEmpty,
  'runs/outputs': isEmpty,
  'logged-models': ({ model }) => isModel(model),
  'logged-models/search': ({ models = [], next_page_token: _, ...rest }) => isEmpty(rest) && isListOf(models, isModel),
  'registered-models/create': (json) => isObject(json['registered_model']),
  'model-versions/create': (json) => isObject(json['model_version']),
  'model-versions/search': ({ model_versions: versions = [], next_page_token: _, ...rest }) =>
    isEmpty(rest) && isListOf(versions, isObject),
  'artifacts/list': ({ root_uri: root, files }) =>
    (typeof root === 'string' || files !== undefined) && isListOf(files ?? [], isFile),
};

export type Route =
  | 'experiments/get'
  | 'experiments/get-by-name'
  | 'experiments/create'
  | 'experiments/restore'
  | 'experiments/set-experiment-tag'
  | 'runs/get'
  | 'runs/create'
  | 'runs/search'
  | 'runs/update'
  | 'runs/log-batch'
  | 'runs/log-inputs'
  | 'runs/delete-tag'
  | 'runs/outputs'
  | 'logged-models'
  | 'logged-models/search'
  | 'registered-models/create'
  | 'model-versions/create'
  | 'model-versions/search'
  | 'artifacts/list';

// ---------------------------------------------------------------------------------------------------------------------

/** MLflow acknowledges a change with `{}`. */
function isEmpty(json: Json): boolean {
  return Object.keys(json).length === 0;
}

function isRun(value: unknown): boolean {
  return isObject(value) && isRunInfo(value['info']);
}

function isModel(value: unknown): boolean {
  return isObject(value) && isObject(value['info']) && typeof value['info']['model_id'] === 'string';
}

function isRunInfo(value: unknown): boolean {
  return isObject(value) && typeof value['run_id'] === 'string' && typeof value['experiment_id'] === 'string';
}

function isExperiment(value: unknown): boolean {
  return isObject(value) && typeof value['experiment_id'] === 'string' && typeof value['name'] === 'string';
}

function isFile(value: unknown): boolean {
  return isObject(value) && typeof value['path'] === 'string';
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
