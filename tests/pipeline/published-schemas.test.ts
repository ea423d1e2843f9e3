import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { projectRoot } from '../../src/files/project-root.ts';

const root = projectRoot();
const files = ['pipelines', 'configs'].flatMap((dir) =>
  (readdirSync(join(root, dir), { recursive: true }) as string[])
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(root, dir, name)),
);

/** As an editor reads them: a schema refers to others by their file names. */
const ajv = new Ajv({ strict: false, allErrors: true });
for (const name of readdirSync(join(root, 'schemas')))
  ajv.addSchema(JSON.parse(readFileSync(join(root, 'schemas', name), 'utf8')) as object, name);

const schemaOf = (path: string): string =>
  /^# yaml-language-server: \$schema=(\S+)$/m.exec(readFileSync(path, 'utf8'))?.[1] ?? '';

test('each shipped pipeline and block of params names an existing schema in its first line', () => {
  assert.ok(files.length >= 10);
  for (const path of files) {
    assert.match(readFileSync(path, 'utf8'), /^# yaml-language-server: \$schema=\S+\n/, path);
    assert.ok(existsSync(join(dirname(path), schemaOf(path))), path);
    assert.equal(dirname(join(dirname(path), schemaOf(path))), join(root, 'schemas'));
  }
});

test('an editor finds no problems in them', () => {
  for (const path of files) {
    const validate = ajv.getSchema(basename(schemaOf(path)))!;
    void validate(parse(readFileSync(path, 'utf8')));
    assert.deepEqual(validate.errors ?? [], [], path);
  }
});

test('an editor finds a typo in any of them', () => {
  for (const path of files) {
    const validate = ajv.getSchema(basename(schemaOf(path)))!;
    assert.equal(validate({ ...(parse(readFileSync(path, 'utf8')) as object), naem: 1 }), false, path);
    const pipeline = parse(readFileSync(path, 'utf8')) as { stages?: Record<string, { params: object }> };
    for (const stage of Object.values(pipeline.stages ?? {})) stage.params = { ...stage.params, typo: 1 };
    if (pipeline.stages) assert.equal(validate(pipeline), false, path);
  }
});
