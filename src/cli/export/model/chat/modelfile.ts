import { assistantHead, type ChatFormat } from './chat-format.ts';

/** Ollama's Modelfile. `context`: the most tokens that the model reads; Ollama would use more. */
export function modelfile({ context, format }: { context: number; format: ChatFormat | null }): string {
  const parameters = [`PARAMETER num_ctx ${context}`, 'PARAMETER repeat_penalty 1.0'];
  if (format === null) return ['FROM ./model.gguf', 'TEMPLATE """{{ .Prompt }}"""', ...parameters, ''].join('\n');
  const stop = 'PARAMETER stop """\n"""'; // there are no escapes in a Modelfile
  return ['FROM ./model.gguf', `TEMPLATE """${goTemplate(format)}"""`, stop, ...parameters, ''].join('\n');
}

// ---------------------------------------------------------------------------

/** A template of Go's text/template, whose only text is in quoted strings, so that a name cannot be taken for syntax. */
function goTemplate(format: ChatFormat): string {
  const head = assistantHead(format);
  return [
    '{{ range .Messages }}{{ if .Content }}',
    `{{ if eq .Role "user" }}${line(format.user)}`,
    `{{ else if eq .Role "assistant" }}${line(format.assistant)}`,
    '{{ end }}{{ end }}{{ end }}',
    head === '' ? '' : put(head),
  ].join('');
}

/** The model's text begins with the blank that the head leaves out, and Ollama sends it back like that. */
function line(pieces: string[]): string {
  const first = pieces[0]!.trimEnd();
  const blank = pieces[0]!.slice(first.length);
  const beforeText = [
    first === '' ? '' : put(first),
    blank === '' ? '' : `{{ if ne (printf "%.1s" .Content) " " }}${put(blank)}{{ end }}`,
  ];
  const rest = pieces.slice(1).map((piece, i) => {
    const text = i === pieces.length - 2 ? `${piece}\n` : piece;
    return `{{ .Content }}${text === '' ? '' : put(text)}`;
  });
  return [...beforeText, ...rest].join('');
}

const put = (text: string): string => `{{ ${quoted(text)} }}`;

/** A string of Go's. Ollama drops characters that do not print, such as the joiners in emoji, unless they are escaped. */
function quoted(text: string): string {
  const escaped = text.replace(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, (found) => {
    if (found === '\n') return '\\n';
    if (found === '"' || found === '\\') return `\\${found}`;
    return `\\U${found.codePointAt(0)!.toString(16).padStart(8, '0')}`;
  });
  return `"${escaped}"`;
}
