import { setFlagsFromString } from 'node:v8';
import type { PipelineFileError } from '../pipeline/diagnostic/diagnostic.ts';
import { helpText } from './help.ts';
import { coloursFor } from './screen/style.ts';

/** Verb → its file, loaded when it is asked for: `help` must not wait for tensors. */
const verbs: Record<string, () => Promise<(argv: string[]) => Promise<number>>> = {
  run: async () => (await import('./planning.ts')).runVerb,
  plan: async () => (await import('./planning.ts')).planVerb,
  attach: async () => (await import('./run/attach.ts')).attachVerb,
  stop: async () => (await import('./run/attach.ts')).stopVerb,
  explain: async () => (await import('./planning.ts')).explainVerb,
  graph: async () => (await import('./plan/graph.ts')).graphVerb,
  ls: async () => (await import('./inspect/ls.ts')).lsVerb,
  show: async () => (await import('./inspect/show.ts')).showVerb,
  logs: async () => (await import('./inspect/logs.ts')).logsVerb,
  diff: async () => (await import('./inspect/diff.ts')).diffVerb,
  compare: async () => (await import('./inspect/compare.ts')).compareVerb,
  lineage: async () => (await import('./inspect/lineage.ts')).lineageVerb,
  export: async () => (await import('./export/export.ts')).exportVerb,
  completion: async () => (await import('./shell/completion.ts')).completionVerb,
  complete: async () => (await import('./shell/completion.ts')).completeVerb,
  gc: async () => (await import('./store/gc.ts')).gcVerb,
  verify: async () => (await import('./store/verify.ts')).verifyVerb,
  doctor: async () => (await import('./machine/doctor.ts')).doctorVerb,
  'doctor-tensorflow': async () => (await import('./machine/doctor-tensorflow.ts')).doctorTensorFlowVerb,
  setup: async () => (await import('./machine/setup.ts')).setupVerb,
  ui: async () => (await import('./inspect/ui.ts')).uiVerb,
  'exec-stage': async () => (await import('./run/exec-stage.ts')).execStageVerb,
  schemas: async () => (await import('./plan/schemas.ts')).schemasVerb,
};

/** What is missing on the machine, with the way to get it: a stack would only hide it. */
const saysItAll = new Set([
  'EngineMissing',
  'WeightsMissing',
  'MlflowInstallError',
  'MlflowServerError',
  'MlflowAddressError',
  'StoreTrouble',
]);

// `runner ls | head` closes the pipe early; a run goes on without anybody who reads it
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

// A verb is over before its code is worth optimizing: V8 would spend more time on that than on the verb. A stage computes for longer.
if (process.argv[2] !== 'exec-stage') setFlagsFromString('--interrupt-budget=2000000');

process.exitCode = await main(process.argv.slice(2));

async function main([verb, ...rest]: string[]): Promise<number> {
  const colours = coloursFor(process.stderr);
  try {
    const wantsHelp =
      verb === undefined ||
      verb === 'help' ||
      verb === '--help' ||
      verb === '-h' ||
      rest.includes('--help') ||
      rest.includes('-h');
    if (wantsHelp) {
      const about = verb === 'help' ? rest[0] : verb !== undefined && Object.hasOwn(verbs, verb) ? verb : undefined;
      console.log(helpText(about, coloursFor(process.stdout), process.stdout.columns));
      return 0;
    }
    const load = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
    if (!load) {
      const { suggestion } = await import('../pipeline/diagnostic/nearest.ts');
      console.error(`${colours.red('error')} no verb "${verb}"; ${suggestion(verb, Object.keys(verbs), 'verbs')}`);
      return 2;
    }
    return await (
      await load()
    )(rest);
  } catch (error) {
    // By name: what planning.js throws is of its own copy of the class.
    const { name, message } = error instanceof Error ? error : { name: '', message: '' };
    if (name === 'PipelineFileError') {
      const { renderDiagnostics } = await import('../pipeline/diagnostic/render.ts');
      const { diagnostics } = error as PipelineFileError;
      console.error(renderDiagnostics(error as PipelineFileError, colours, { columns: process.stderr.columns || 160 }));
      console.error(
        `\n${diagnostics.length.toLocaleString('en-US')} ${diagnostics.length === 1 ? 'error' : 'errors'}; nothing was run`,
      );
      return 2;
    }
    if (name === 'UsageError' || saysItAll.has(name)) {
      console.error(`${colours.red('error')} ${message}`);
      return name === 'UsageError' ? 2 : 1;
    }
    console.error(error);
    return 1;
  }
}
