import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, homedir, loadavg } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { calledAs } from '../../files/called-as.ts';
import { PROJECT_FILE } from '../../files/project-folder.ts';
import { projectRoot } from '../../files/project-root.ts';
import { shellWord } from '../../files/shell-word.ts';
import { counted, withCommas } from '../../numbers/counted.ts';
import { UserError } from '../../pipeline/diagnostic/user-error.ts';
import { lateProgress } from '../load/late-progress.ts';
import { prepareEngine } from '../machine/prepare-engine.ts';
import { roughly, seconds } from '../screen/durations.ts';
import { UsageError } from '../verb.ts';
import { FINE_TUNED, FROM_SCRATCH, tokensPerStep } from './candidates.ts';
import { chooseTraining, type Choice } from './choose.ts';
import { hasMemory, hasWeights, paramsOf } from './circumstances.ts';
import { pipelineText } from './pipeline-text.ts';
import { surveyData, type Survey } from './survey.ts';
import { timedStep } from './timed-step.ts';

interface InitArguments {
  dir: string | null;
  data: string | null;
}

const PIPELINE_FILE = 'chats.yaml';

/**
 * `runner init [DIR] [--data PATH]`: makes a project: looks at the data, times a training step, and writes a pipeline
 * that runs as it is. Overwrites nothing.
 */
export async function initProject({ dir, data }: InitArguments): Promise<number> {
  const given = dir === null || resolve(dir) === process.cwd() ? null : dir;
  const path = data === null ? null : resolve(data);
  if (path !== null && !existsSync(path))
    throw new UserError(`no file or folder "${data}"; --data names your chats as downloaded`);
  enter(resolve(given ?? '.'));
  refuseExisting();
  const source = path ?? inventedChats();
  const { say, warn, progress } = screen();

  const survey = await surveyData(source, { warn, progress });
  for (const line of surveyLines(survey)) say(line);
  const choice = await chooseHere(survey, { say, warn, progress });
  say(choiceLine(choice));
  const named = nameOf(source);
  write(
    PIPELINE_FILE,
    pipelineText({
      source: named,
      survey,
      choice,
      date: new Date().toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' }),
      called: 'runner',
      cores: availableParallelism(),
      schema: process.argv[1]!.includes('/_npx/') ? null : join(projectRoot(), 'schemas', 'pipeline.schema.json'),
    }),
  );
  write(PROJECT_FILE, projectText());
  const where = given === null ? '' : `${given.replace(/\/+$/, '')}/`;
  say(`wrote    ${where}${PIPELINE_FILE} and ${where}${PROJECT_FILE}`);
  if (path === null)
    say('         the chats are invented: without --data, there are none of yours. For those, init another folder');
  say(`\nnext: ${given === null ? '' : `cd ${shellWord(given)} && `}${calledAs()} run`);
  return 0;
}

// ---------------------------------------------------------------------------

/** From here on, paths are seen from the project, and so is the program in what is printed. */
function enter(dir: string): void {
  const script = process.env['RUNNER_CALLED_AS'];
  mkdirSync(dir, { recursive: true });
  const from = process.cwd();
  process.chdir(dir);
  if (script?.includes('/') && !script.startsWith('/'))
    process.env['RUNNER_CALLED_AS'] = relative(process.cwd(), resolve(from, script));
}

interface Screen {
  say(line: string): void;
  warn(text: string): void;
  progress(what: string, done: number, total: number): void;
}

/** Lines on the terminal, and below them what is being done if it takes long. */
function screen(): Screen {
  const late = lateProgress(process.stderr);
  const above =
    (print: (line: string) => void) =>
    (line: string): void => {
      late.close();
      print(line);
    };
  return {
    say: above((line) => console.log(line)),
    warn: above((text) => console.error(`warning: ${text}`)),
    progress: late.update,
  };
}

function refuseExisting(): void {
  const existing = [PROJECT_FILE, PIPELINE_FILE].find((name) => existsSync(name));
  if (existing !== undefined)
    throw new UsageError(
      `${join(process.cwd(), existing)} exists, and "init" overwrites nothing: delete it, or name another folder`,
    );
}

/** A copy of the chats that come with the program, which may move. */
function inventedChats(): string {
  const dir = resolve('data', 'invented-chats');
  if (!existsSync(dir)) cpSync(join(projectRoot(), 'pipelines', 'quickstart-export'), dir, { recursive: true });
  return dir;
}

function surveyLines({ format, conversations, messages, people, tokens }: Survey): string[] {
  const named = people.slice(0, PEOPLE_SHOWN).map(({ name, messages: own }) => `${name} ${withCommas(own)}`);
  const rest = people.length - named.length;
  return [
    `chats    ${format}: ${counted(messages, 'message')} in ${counted(conversations, 'conversation')}${people.length === 0 ? ', without names' : `, by ${counted(people.length, 'person', 'people')}`}`,
    ...(named.length > 0 ? [`people   ${named.join(', ')}${rest > 0 ? ` and ${withCommas(rest)} more` : ''}`] : []),
    `size     ${counted(tokens.train, 'token')} to train on, ${withCommas(tokens.heldOut)} held out`,
  ];
}

const PEOPLE_SHOWN = 5;

async function chooseHere(survey: Survey, { say, warn, progress }: Screen): Promise<Choice> {
  const canTime = await prepareEngine((text) => console.error(text)).then(
    () => true,
    (error: Error) => {
      warn(`no step can be timed: ${error.message}`);
      return false;
    },
  );
  const [load] = loadavg() as [number, number, number];
  if (canTime && load > availableParallelism())
    warn(
      `other programs are using the processor (load ${load.toFixed(1)} on ${counted(availableParallelism(), 'core')}): steps are timed as slow as they are now`,
    );
  const candidates = hasWeights() ? [FINE_TUNED, ...FROM_SCRATCH] : FROM_SCRATCH;
  return chooseTraining(candidates, {
    tokens: survey.tokens,
    hasMemory,
    time: async (candidate) => {
      if (canTime) progress(`timing steps of ${candidate.title}`, 0, 0);
      const time = canTime ? await timedStep(paramsOf(candidate)) : null;
      if (time)
        say(
          `timed    ${candidate.title}: ${seconds(time.step)} for a step of ${withCommas(tokensPerStep(candidate))} tokens`,
        );
      return time;
    },
  });
}

function choiceLine({ candidate, steps, passes, seconds: length }: Choice): string {
  const how = candidate.init === null ? 'from scratch' : 'fine-tuned';
  const time = length === null ? '' : `, about ${roughly(length)}`;
  return `training ${candidate.title} ${how}: ${counted(steps, 'step')}, ${passes.toFixed(1)} passes over the text${time}`;
}

/** The data as the pipeline names it: relative if inside the project, else from the home folder or the root. */
function nameOf(path: string): string {
  const near = relative(process.cwd(), path);
  if (!near.startsWith('..')) return near === '' ? '.' : `./${near}`;
  const home = homedir();
  return path.startsWith(`${home}/`) ? `~/${relative(home, path)}` : path;
}

function projectText(): string {
  return `# Marks this folder as a project: \`runs/\`, \`data/\` and the relative paths in its pipelines start here.
pipeline: ${PIPELINE_FILE} # what \`run\` and \`plan\` take if you name no file
# runs: /mnt/large/runs # a folder on another disk, for runs and results
# data: ~/exports # what data/ means in pipelines
`;
}

/** Fails if the file has come into being meanwhile. */
const write = (name: string, text: string): void => writeFileSync(name, text, { flag: 'wx' });
