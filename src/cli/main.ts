import { PipelineFileError, renderDiagnostics } from '../pipeline/diagnostic.ts';
import { suggestion } from '../pipeline/nearest.ts';
import { UsageError } from './arguments.ts';
import { helpText } from './help.ts';
import { coloursFor } from './style.ts';

/** Verb → its file, loaded when it is asked for: `help` must not wait for tensors. */
const verbs: Record<string, () => Promise<(argv: string[]) => Promise<number>>> = {
  run: async () => (await import('./run.ts')).runVerb,
  plan: async () => (await import('./plan.ts')).planVerb,
  setup: async () => (await import('./setup.ts')).setupVerb,
  ui: async () => (await import('./ui.ts')).uiVerb,
  'exec-stage': async () => (await import('./exec-stage.ts')).execStageVerb,
  schemas: async () => (await import('./schemas.ts')).schemasVerb,
};

/** What is missing on the machine, with the way to get it: a stack would only hide it. */
const saysItAll = new Set(['EngineMissing', 'WeightsMissing', 'MlflowInstallError', 'MlflowServerError', 'MlflowAddressError']);

process.exitCode = await main(process.argv.slice(2));

async function main([verb, ...rest]: string[]): Promise<number> {
  const colours = coloursFor(process.stderr);
  try {
    const wantsHelp = verb === undefined || verb === 'help' || verb === '--help' || verb === '-h' || rest.includes('--help') || rest.includes('-h');
    if (wantsHelp) {
      const about = verb === 'help' ? rest[0] : verb !== undefined && Object.hasOwn(verbs, verb) ? verb : undefined;
      console.log(helpText(about, coloursFor(process.stdout)));
      return 0;
    }
    const load = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
    if (!load) throw new UsageError(`no verb "${verb}"; ${suggestion(verb, Object.keys(verbs), 'verbs')}`);
    return await (await load())(rest);
  } catch (error) {
    if (error instanceof PipelineFileError) {
      console.error(renderDiagnostics(error, colours));
      const count = error.diagnostics.length;
      console.error(`\n${count} ${count === 1 ? 'error' : 'errors'}; nothing was run`);
      return 2;
    }
    if (error instanceof UsageError) {
      console.error(`${colours.red('error')} ${error.message}`);
      return 2;
    }
    if (error instanceof Error && saysItAll.has(error.name)) {
      console.error(`${colours.red('error')} ${error.message}`);
      return 1;
    }
    console.error(error);
    return 1;
  }
}
