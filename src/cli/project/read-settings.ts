import { PipelineFileError } from '../../pipeline/diagnostic/diagnostic.ts';
import { checkSchema } from '../../pipeline/schema/check.ts';
import { diagnose } from '../../pipeline/schema/diagnose.ts';
import { parseTree } from '../../pipeline/yaml/parse-tree.ts';
import { isObject } from '../../pipeline/yaml/tree.ts';
import { projectSchema } from '../../pipeline/project-schema.ts';
import type { Project, ProjectSettings } from './project.ts';

/** Reads the text of a `runner.yaml`. Throws a PipelineFileError with every problem. */
export function readSettings(file: string, text: string): Omit<Project, 'dir'> {
  const texts = new Map([[file, text]]);
  const { tree, diagnostics } = parseTree(file, text);
  if (diagnostics.length > 0) throw new PipelineFileError(diagnostics, texts);
  if (!isObject(tree.value)) throw new PipelineFileError([noMapping(file)], texts);
  const { value, problems } = checkSchema(projectSchema, tree.value);
  if (problems.length > 0)
    throw new PipelineFileError(
      problems.map((problem) => diagnose(tree, problem)),
      texts,
    );
  return {
    settings: value as ProjectSettings,
    fault: (setting, message, hint) => [[diagnose(tree, { path: [setting], target: 'value', message, hint })], texts],
  };
}

function noMapping(file: string) {
  return {
    file,
    line: 1,
    column: 1,
    length: 1,
    message: 'not the settings of a project: the file contains no mapping',
    hint: 'it may be empty, or hold `pipeline:`, `runs:`, `data:` and `notify:`',
  };
}
