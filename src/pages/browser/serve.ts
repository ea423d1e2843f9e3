/** The script of the chat page. Nothing is stored, unless the user saves it. */
import { answers } from './answer-stream.ts';
import { element } from './element.ts';

interface Persona {
  id: string;
  person: string;
  user: string;
}

interface Message {
  role: 'user' | 'assistant';
  content: string;
}

const byId = <Kind extends HTMLElement>(id: string): Kind => document.getElementById(id) as Kind;
const [log, status, form] = [byId('log'), byId('status'), byId<HTMLFormElement>('form')];
const [input, send, stop] = [byId<HTMLTextAreaElement>('message'), byId<HTMLButtonElement>('send'), byId('stop')];
const [personaList, temperature, seed] = [
  byId<HTMLSelectElement>('persona'),
  byId<HTMLInputElement>('temperature'),
  byId<HTMLInputElement>('seed'),
];
const key = decodeURIComponent(location.hash.slice(1));

let personas: Persona[] = [];
let messages: Message[] = [];
let writing: AbortController | null = null;

const persona = (): Persona => personas.find(({ id }) => id === personaList.value) ?? personas[0]!;

function say(text: string, isWrong = false): void {
  status.textContent = text;
  status.classList.toggle('wrong', isWrong);
}

// --- showing ---------------------------------------------------------------

/** Draws the conversation again; returns where the text of the last message is. */
function show(): HTMLElement | null {
  const { person, user } = persona();
  let last: HTMLElement | null = null;
  log.replaceChildren(
    ...messages.map(({ role, content }, index) => {
      last = element('div', { class: 'text', dir: 'auto' }, content);
      const tools = toolsFor(index);
      const who = role === 'user' ? user : person;
      return element(
        'div',
        { class: `message ${role}` },
        element('div', { class: 'who', dir: 'auto' }, who),
        last,
        ...tools,
      );
    }),
  );
  log.scrollTop = log.scrollHeight;
  return last;
}

function toolsFor(index: number): HTMLElement[] {
  if (writing) return [];
  const { role, content } = messages[index]!;
  const tools: [string, () => void][] =
    role === 'user' ? [['Edit', () => edit(index, content)]] : index === messages.length - 1 ? [['Again', again]] : [];
  return tools.length === 0
    ? []
    : [
        element(
          'div',
          { class: 'tools' },
          ...tools.map(([name, act]) => {
            const button = element(
              'button',
              { type: 'button', 'aria-label': `${name}: ${content.slice(0, 40)}` },
              name,
            );
            button.addEventListener('click', act);
            return button;
          }),
        ),
      ];
}

/** Takes the conversation back to before a message of the user's, which can then be changed and sent. */
function edit(index: number, content: string): void {
  messages = messages.slice(0, index);
  show();
  input.value = content;
  input.focus();
}

function again(): void {
  if (writing || messages.at(-1)?.role !== 'assistant') return;
  messages.pop();
  if (seed.value !== '') seed.value = String(Number(seed.value) + 1);
  void answer();
}

// --- asking ----------------------------------------------------------------

async function ask(path: string, body?: object, signal?: AbortSignal): Promise<Response> {
  const response = await fetch(path, {
    method: body ? 'POST' : 'GET',
    headers: { Authorization: `Bearer ${key}`, ...(body ? { 'Content-Type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
    ...(signal ? { signal } : {}),
  });
  if (response.ok) return response;
  const { error } = (await response.json()) as { error: { message: string } };
  throw new Error(error.message);
}

async function answer(): Promise<void> {
  const stopping = new AbortController();
  writing = stopping;
  const asked = {
    model: persona().id,
    messages,
    stream: true,
    temperature: Number(temperature.value) || 0,
    ...(seed.value === '' ? {} : { seed: Number(seed.value) }),
  };
  messages = [...messages, { role: 'assistant', content: '' }];
  const text = show()!;
  setBusy(true);
  say(`${persona().person} is writing …`);
  try {
    const response = await ask('v1/chat/completions', asked, stopping.signal);
    for await (const added of answers(response)) {
      messages.at(-1)!.content += added;
      text.append(added);
      log.scrollTop = log.scrollHeight;
    }
    say('');
  } catch (error) {
    if (stopping.signal.aborted) say('stopped');
    else say(`no answer: ${(error as Error).message}`, true);
  }
  if (messages.at(-1)!.content === '') messages.pop();
  writing = null;
  setBusy(false);
  show();
  input.focus();
}

function setBusy(isBusy: boolean): void {
  log.setAttribute('aria-busy', String(isBusy));
  stop.hidden = !isBusy;
  send.disabled = isBusy;
  personaList.disabled = isBusy;
}

// --- what the user does ----------------------------------------------------

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const content = input.value.trim();
  if (writing || content === '') return;
  input.value = '';
  messages.push({ role: 'user', content });
  void answer();
});
input.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') writing?.abort();
  if (event.altKey && event.key.toLowerCase() === 'r') again();
});
stop.addEventListener('click', () => writing?.abort());
const begin = (): void => {
  writing?.abort();
  messages = [];
  show();
  say('');
  input.focus();
};
byId('fresh').addEventListener('click', begin);
personaList.addEventListener('change', begin);
byId('save').addEventListener('click', () => {
  const { person, user } = persona();
  const lines = messages.flatMap(({ role, content }) =>
    content.split('\n').map((line) => `${role === 'user' ? user : person}: ${line}\n`),
  );
  const link = element('a', {
    download: 'chat.txt',
    href: URL.createObjectURL(new Blob(lines, { type: 'text/plain' })),
  });
  link.click();
  URL.revokeObjectURL(link.href);
});

async function start(): Promise<void> {
  try {
    ({ data: personas } = (await (await ask('v1/models')).json()) as { data: Persona[] });
    personaList.append(...personas.map(({ id, person }) => element('option', { value: id }, person)));
    input.focus();
  } catch (error) {
    say(
      `cannot reach the model: ${(error as Error).message}; open the whole address that \`runner serve\` printed`,
      true,
    );
  }
}

void start();
