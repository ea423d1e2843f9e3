import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { runJson, startRunner, writeExport, writePipeline } from '../kit/runner.ts';
import { temporaryDir } from '../kit/temporary.ts';

/** Turns of all templates together. `TURNS=4000 npm run test:slow -- chat-turns` for more. */
const TURNS = Number(process.env['TURNS'] ?? 30);

/** With stamps, without, with names that have spaces and emoji, and with heads that can share a token with the text. */
const CASES: { template: string; names: Record<string, string>; user: string; person: string }[] = [
  { template: '({ms}) {name}: {text}', names: {}, user: 'Mira', person: 'Ana' },
  { template: '{name}: {text}', names: {}, user: 'Mira', person: 'Bo' },
  {
    template: '[{gap}] {name} 👋 {text}',
    names: { Mira: 'Mira 🌊 Lee', Ana: 'Mira 🌊', Bo: 'Bo' },
    user: 'Mira 🌊 Lee',
    person: 'Mira 🌊',
  },
  { template: '[{name}]{text}', names: {}, user: 'Mira', person: 'Ana' },
];

for (const { template, names, user, person } of CASES)
  test(
    `in ${Math.ceil(TURNS / CASES.length)} turns, a trained model never writes as the user: ${template}`,
    { timeout: 3_600_000 },
    async (context) => {
      const dir = temporaryDir(context);
      writeExport(join(dir, 'export'));
      const file = writePipeline(join(dir, 'tiny.yaml'), './export', {
        'format: messenger }': `format: messenger, names: { aliases: ${JSON.stringify(names)} } }`,
        '"{name}: {text}"': JSON.stringify(template),
        'width: 16, context: 32': 'width: 32, context: 128',
        'steps: 30': 'steps: 150',
      });
      const runs = join(dir, 'runs');
      await runJson([file, 'model'], runs);
      const said = Array.from({ length: Math.ceil(TURNS / CASES.length) }, (_, i) => `xyzzy${i} tea and boats`);
      const { code, stdout, stderr } = await startRunner(
        ['chat', 'latest', '--as', user, '--with', person, '--temperature', '1'],
        runs,
        {},
        `${said.join('\n')}\n`,
      ).ended;
      assert.equal(code, 0, stderr);
      const lines = stdout.trimEnd().split('\n');
      assert.ok(lines.length >= said.length, `${lines.length} lines in ${said.length} turns`);
      for (const line of lines)
        assert.ok(line.startsWith(`${person}: `) && line.trim().length > person.length + 1, line);
      assert.match(stderr, /oldest lines? forgotten/);
    },
  );
