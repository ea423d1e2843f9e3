import { readTokensIndex } from '../../artifacts/tokens/index.ts';
import { nearest } from '../../pipeline/diagnostic/nearest.ts';

/** What is unusual about prompts, compared with the lines that the model was trained on; one sentence each. */
export function promptNotes(prompts: string[], [tokens]: { dir: string }[]): string[] {
  if (tokens === undefined) return [];
  const { template, speakers } = readTokensIndex(tokens.dir);
  const afterName = /\{name\}([^{]+)/.exec(template)?.[1]?.trimEnd() ?? '';
  const notes = prompts.flatMap((prompt) => {
    const line = prompt.slice(prompt.lastIndexOf('\n') + 1);
    const isHead = afterName !== '' && line.trimEnd().endsWith(afterName);
    const name = isHead ? line.trimEnd().slice(0, -afterName.length) : null;
    return [
      ...(name === null ? [] : template.startsWith('{name}') ? unknownName(name, speakers) : unstamped(name, template)),
      ...(/[^\n ] $/.test(prompt)
        ? ['the prompt ends with a blank; the model writes it together with the next word, so leave it out']
        : []),
    ];
  });
  return [...new Set(notes)];
}

// ---------------------------------------------------------------------------

function unknownName(name: string, speakers: string[]): string[] {
  if (speakers.includes(name)) return [];
  const near = nearest(name, speakers);
  const known = near === null ? '' : `; did you mean ${JSON.stringify(near)}?`;
  return [`nobody in the training text is called ${JSON.stringify(name)}${known}`];
}

const unstamped = (name: string, template: string): string[] =>
  /\d/.test(name) ? [] : [`the model was trained on lines of the form ${template}, and this prompt begins differently`];
