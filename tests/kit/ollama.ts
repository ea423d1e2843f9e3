/**
 * What Ollama does with a Modelfile and its template, as far as ours use it, after the descriptions of Modelfiles and
 * of Go's text/template. Ollama itself is not on the machines that run the tests.
 */
export interface Modelfile {
  from: string;
  template: string;
  parameters: Record<string, string>;
}

export function readModelfile(text: string): Modelfile {
  const commands = [...text.matchAll(/^(FROM|TEMPLATE|PARAMETER (\w+)) (?:"""([^]*?)"""|(.*))$/gm)];
  const values = commands.map(([, command, name, quoted, bare]) => [name ?? command!, quoted ?? bare!] as const);
  if (commands.reduce((sum, [whole]) => sum + whole.length + 1, 0) !== text.length) throw new Error('not a Modelfile');
  // Characters that do not print are lost, except for blanks and line ends.
  const kept = (value: string): string => value.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} \t\r\n]/gu, '');
  const {
    FROM = '',
    TEMPLATE = '',
    ...parameters
  } = Object.fromEntries(values.map(([name, value]) => [name, kept(value)]));
  return { from: FROM, template: TEMPLATE, parameters };
}

interface Message {
  Role: string;
  Content: string;
}

/** Renders a template whose actions are strings, fields of a message, `range`, `if` with `eq` and `ne`, and `end`. */
export function renderGo(template: string, messages: Message[]): string {
  const parts = template.split(/\{\{ ((?:"(?:[^"\\]|\\.)*"|[^"}])*) \}\}/);
  const nodes = parts.map((part, i) => (i % 2 === 0 ? { text: part } : { action: part }));
  let at = 0;
  const block = (message: Message | null, shown: boolean): string => {
    let out = '';
    for (; at < nodes.length; at++) {
      const { text, action } = nodes[at]! as { text?: string; action?: string };
      if (action === undefined) out += shown ? text! : '';
      else if (action === 'end' || action.startsWith('else')) return out;
      else if (action === 'range .Messages') {
        const start = ++at;
        for (const each of messages) {
          at = start;
          out += block(each, shown);
        }
      } else if (action.startsWith('if ')) out += choice(action, message, shown);
      else if (shown) out += action === '.Content' ? message!.Content : goString(action);
    }
    return out;
  };
  const choice = (first: string, message: Message | null, shown: boolean): string => {
    let [out, done, action] = ['', false, first];
    for (;;) {
      at++;
      const applies = !done && (action === 'else' || holds(action.replace(/^(else )?if /, ''), message!));
      out += block(message, shown && applies);
      done ||= applies;
      action = (nodes[at] as { action: string }).action;
      if (action === 'end') return out;
    }
  };
  return block(null, true);
}

// ---------------------------------------------------------------------------

function holds(condition: string, { Role, Content }: Message): boolean {
  if (condition === '.Content') return Content !== '';
  const [, role] = /^eq \.Role ("\w+")$/.exec(condition) ?? [];
  if (role !== undefined) return Role === goString(role);
  const [, start] = /^ne \(printf "%\.1s" \.Content\) (".")$/.exec(condition) ?? [];
  if (start === undefined) throw new Error(`unknown condition: ${condition}`);
  return (Array.from(Content)[0] ?? '') !== goString(start);
}

function goString(literal: string): string {
  if (!/^"([^"\\\n]|\\(["\\n]|U[0-9a-f]{8}))*"$/.test(literal)) throw new Error(`not a string of Go: ${literal}`);
  return literal
    .slice(1, -1)
    .replace(/\\(?:U([0-9a-f]{8})|(.))/g, (_, code: string | undefined, sign: string) =>
      code === undefined ? (sign === 'n' ? '\n' : sign) : String.fromCodePoint(parseInt(code, 16)),
    );
}
