/** The script of the page of `runner judge`. It stores nothing and decides nothing: the server keeps the answers. */
import { element } from './element.ts';

type Line = [who: string, text: string];

interface State {
  judge: string;
  phase: 'start' | 'asking' | 'done';
  total: number;
  answered: number;
  canUndo: boolean;
  question: { number: number; design: 'pair' | 'single'; context: Line[]; left: Line[]; right: Line[] } | null;
  about: { design: 'pair' | 'single'; context: number; lines: number };
  result: string[] | null;
}

type Choice = 'left' | 'right' | 'real' | 'generated' | null;

/** Nobody reads a question faster; a key that is held down answers nothing. */
const EARLIEST_MS = 400;
const MINUTES_A_QUESTION = 0.25;

const byId = <Kind extends HTMLElement>(id: string): Kind => document.getElementById(id) as Kind;
const key = decodeURIComponent(location.hash.slice(1));

let state: State | null = null;
let shownAt = 0;
let isSending = false;

const dialogs = [byId<HTMLDialogElement>('help-box'), byId<HTMLDialogElement>('stop-box')] as const;
const [helpBox, stopBox] = dialogs;
const singleKeys = byId<HTMLInputElement>('single-keys');

// --- showing ---------------------------------------------------------------

function show(next: State): void {
  state = next;
  for (const name of ['start', 'question', 'done'])
    byId(name).hidden = name !== (next.phase === 'asking' ? 'question' : next.phase);
  if (next.phase === 'start') showStart(next);
  else if (next.phase === 'done') showResult(next.result ?? []);
  else showQuestion(next);
}

function showStart({ judge, total, about: { design, context, lines } }: State): void {
  byId('start-title').textContent = `${judge}, ${counted(total, 'question')} for you`;
  const seen = context > 0 ? `You see ${counted(context, 'line')} of a real conversation, and then` : 'You see';
  const asked =
    design === 'pair'
      ? `two texts of ${counted(lines, 'line')}. One of them is real. Which?`
      : `a text of ${counted(lines, 'line')}. Is it real, or was it generated?`;
  const minutes = counted(Math.ceil(total * MINUTES_A_QUESTION), 'minute');
  byId('what').textContent = `${seen} ${asked} It takes about ${minutes}.`;
  byId('go').focus();
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function showQuestion({ total, answered, canUndo, question }: State): void {
  const { design, context, left, right } = question!;
  const isPair = design === 'pair';
  byId('progress').textContent = `${answered + 1} of ${total}`;
  byId('asked').textContent = isPair ? 'Which text is real?' : 'Is this text real?';
  byId('before').hidden = context.length === 0;
  byId('context').replaceChildren(...context.map(lineItem));
  byId('left').replaceChildren(...left.map(lineItem));
  byId('right').replaceChildren(...right.map(lineItem));
  byId('left-title').textContent = isPair ? 'Text 1' : 'Text';
  byId('right-card').hidden = !isPair;
  byId('choose-generated').hidden = isPair;
  label('choose-left', '1', isPair ? 'Text 1 is real' : 'It is real');
  label('choose-right', '2', 'Text 2 is real');
  label('choose-generated', '2', 'It was generated');
  byId<HTMLButtonElement>('undo').disabled = !canUndo;
  byId('keys').textContent = isPair
    ? '1 or ← : text 1 is real. 2 or → : text 2 is real. K: you remember this conversation. U: take the last answer back.'
    : '1 or ← : it is real. 2 or → : it was generated. K: you remember this conversation. U: take the last answer back.';
  byId('asked').focus();
  shownAt = performance.now();
}

const lineItem = ([who, text]: Line): HTMLElement =>
  element('li', { dir: 'auto' }, ...(who === '' ? [] : [element('span', { class: 'who' }, who)]), text);

const label = (id: string, keyName: string, text: string): void =>
  byId(id).replaceChildren(element('kbd', {}, keyName), text);

function showResult(sentences: string[]): void {
  byId('result').replaceChildren(...sentences.map((sentence) => element('p', { dir: 'auto' }, sentence)));
  byId('done-title').focus();
}

function say(trouble: string): void {
  byId('trouble').textContent = trouble;
}

// --- asking the server -----------------------------------------------------

async function ask(path: string, body?: object): Promise<void> {
  if (isSending) return;
  isSending = true;
  try {
    const response = await fetch(path, {
      method: body ? 'POST' : 'GET',
      headers: { Authorization: `Bearer ${key}`, ...(body ? { 'Content-Type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const answer = (await response.json()) as State | { error: { message: string } };
    if ('error' in answer) {
      say(response.status === 401 ? 'Open the whole address that `runner judge` printed.' : answer.error.message);
      // Another page may have answered: show what comes next there.
      if (response.status === 409) setTimeout(() => void ask('judge'));
      return;
    }
    say('');
    show(answer);
  } catch {
    say('The server does not answer. Start `runner judge` again; everything that you answered before is saved.');
  } finally {
    isSending = false;
  }
}

function answer(chose: Choice): void {
  if (state?.phase !== 'asking') return;
  const ms = performance.now() - shownAt;
  if (ms < EARLIEST_MS) return;
  void ask('judge/answer', { number: state.question!.number, chose, ms });
}

const choose = (first: boolean): void =>
  answer(state?.question?.design === 'single' ? (first ? 'real' : 'generated') : first ? 'left' : 'right');

const undo = (): void => {
  if (state?.phase === 'asking' && state.canUndo) void ask('judge/undo', {});
};

// --- what the judge does ---------------------------------------------------

const KEYS: Record<string, () => void> = {
  ArrowLeft: () => choose(true),
  '1': () => choose(true),
  ArrowRight: () => choose(false),
  '2': () => choose(false),
  k: () => answer(null),
  u: undo,
  '?': () => helpBox.showModal(),
};

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || state?.phase !== 'asking') return;
  if (dialogs.some(({ open }) => open) || !singleKeys.checked) return;
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// Who dictates, or hits keys by accident, must be able to switch them off.
singleKeys.addEventListener('change', () => document.body.classList.toggle('no-keys', !singleKeys.checked));

byId('begin').addEventListener('submit', (event) => {
  event.preventDefault();
  void ask('judge/begin', { tookPart: byId<HTMLInputElement>('took-part').checked });
});
const buttons: [string, () => void][] = [
  ['choose-left', () => choose(true)],
  ['choose-right', () => choose(false)],
  ['choose-generated', () => choose(false)],
  ['known', () => answer(null)],
  ['undo', undo],
  ['help', () => helpBox.showModal()],
  ['stop', () => stopBox.showModal()],
];
for (const [id, act] of buttons) byId(id).addEventListener('click', act);
stopBox.addEventListener('close', () => {
  if (stopBox.returnValue === 'stop') void ask('judge/stop', {});
  stopBox.returnValue = '';
});

void ask('judge');
