import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../src/files/project-root.ts';

/**
 * Runs ingest and tokenize through the command line on many conversation files, cut from #ubuntu logs: the first time,
 * with nothing changed, and with one file changed.
 */
export function benchIncremental(logs: string, files = 1000, fileBytes = 100_000): void {
  const dir = mkdtempSync(join(tmpdir(), 'chat-runner-bench-'));
  try {
    const lines = wordsIn(logs);
    const chats = join(dir, 'chats');
    mkdirSync(chats);
    const write = (file: number, edition: number): void =>
      writeFileSync(join(chats, `${file}.jsonl`), chatOf(lines, file, edition, fileBytes));
    for (let file = 0; file < files; file++) write(file, 0);
    writeFileSync(
      join(dir, 'bench.yaml'),
      `name: incremental\nstages:\n  chats: { kind: ingest, params: { source: ${JSON.stringify(chats)}, format: jsonl } }\n  tokens: { kind: tokenize, inputs: { conversations: chats } }\n`,
    );
    console.log(`${files.toLocaleString('en')} files of ${(fileBytes / 1000).toFixed(0)} KB`);
    show('first run', dir, 'runs');
    show('nothing changed', dir, 'runs');
    for (const file of [17, 500, 999]) {
      write(file % files, file);
      show(`file ${file % files} changed`, dir, 'runs');
    }
    show('from scratch again', dir, 'runs-again');
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function show(what: string, dir: string, runs: string): void {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(projectRoot(), 'dist', 'cli.js'), 'run', join(dir, 'bench.yaml'), '--json'],
    { encoding: 'utf8', env: { ...process.env, RUNNER_RUNS: join(dir, runs) } },
  );
  if (status !== 0) throw new Error(`the run failed: ${stderr}`);
  const seconds = (performance.now() - start) / 1000;
  const stages = (JSON.parse(stdout) as { stages: { name: string; seconds: number; outcome: string }[] }).stages;
  console.log(
    `  ${what.padEnd(24)} ${seconds.toFixed(2).padStart(6)} s  ${stages.map(({ name, seconds: took, outcome }) => `${name} ${outcome} ${took.toFixed(2)}`).join(', ')}`,
  );
  for (const line of stderr.split('\n')) if (line.includes('unchanged')) console.log(`    ${line.trim()}`);
}

function wordsIn(logs: string): string[] {
  const names = readdirSync(logs)
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .slice(0, 40);
  return names
    .flatMap((name) => readFileSync(join(logs, name), 'utf8').split('\n'))
    .flatMap((line) => /^\[\d\d:\d\d\] <[^>]+> (.+)$/.exec(line)?.[1] ?? []);
}

function chatOf(lines: string[], file: number, edition: number, bytes: number): string {
  let text = '';
  for (let line = file * 769 + edition * 31; text.length < bytes;) {
    const turns = Array.from({ length: 20 }, (_, i) => ({
      from: i % 2 === 0 ? 'Me' : `Friend ${file % 150}`,
      time: 1.5e12 + line * 60_000,
      text: `${lines[line++ % lines.length]!} ${file}`,
    }));
    text += `${JSON.stringify({ turns })}\n`;
  }
  return text;
}
