import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kinds } from '../../../stages/index.ts';
import { projectRoot } from '../../files/project-root.ts';
import type { Kinds } from '../../pipeline/kind.ts';
import { editorBlockSchema, editorSchema, editorStageSchema } from '../../pipeline/pipeline-schema.ts';

/** For developers, `npm run schemas`: writes what editors read; a test says when it is out of date. */
export async function schemasVerb(): Promise<number> {
  mkdirSync(join(projectRoot(), 'schemas'), { recursive: true });
  for (const [file, text] of Object.entries(schemaFiles())) writeFileSync(join(projectRoot(), 'schemas', file), text);
  return 0;
}

export function schemaFiles(): Record<string, string> {
  const all = kinds as unknown as Kinds;
  const files: Record<string, object> = { 'pipeline.schema.json': editorSchema(all) };
  for (const kind of Object.values(all)) files[`${kind.kind}.schema.json`] = editorStageSchema(kind);
  // each folder of configs/ holds blocks of one param
  for (const param of ['model', 'schedule']) files[`${param}.schema.json`] = editorBlockSchema(all['train']!, param);
  return Object.fromEntries(
    Object.entries(files).map(([name, schema]) => [name, `${JSON.stringify(schema, null, 2)}\n`]),
  );
}
