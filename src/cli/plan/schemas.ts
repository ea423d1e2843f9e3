import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kinds } from '../../../stages/index.ts';
import { projectRoot } from '../../files/project-root.ts';
import { projectSchema } from '../../pipeline/project-schema.ts';
import { editorBlockSchema, editorSchema, editorStageSchema } from '../../pipeline/pipeline-schema.ts';

/** `npm run schemas`, for developers: writes the schemas that editors read. A test fails if they are out of date. */
export function writeSchemas(): number {
  mkdirSync(join(projectRoot(), 'schemas'), { recursive: true });
  for (const [file, text] of Object.entries(schemaFiles())) writeFileSync(join(projectRoot(), 'schemas', file), text);
  return 0;
}

export function schemaFiles(): Record<string, string> {
  const all = Object.values(kinds);
  const files: Record<string, object> = {
    'pipeline.schema.json': editorSchema(kinds),
    'runner.schema.json': {
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: 'runner.yaml',
      ...projectSchema,
    },
  };
  for (const kind of all) files[`${kind.kind}.schema.json`] = editorStageSchema(kind);
  // each folder of configs/ holds blocks of one param
  for (const param of ['model', 'schedule']) {
    const kind = all.find(({ params }) => param in params.properties);
    if (kind) files[`${param}.schema.json`] = editorBlockSchema(kind, param);
  }
  return Object.fromEntries(
    Object.entries(files).map(([name, schema]) => [name, `${JSON.stringify(schema, null, 2)}\n`]),
  );
}
