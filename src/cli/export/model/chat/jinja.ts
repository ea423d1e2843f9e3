import { assistantHead, type ChatFormat } from './chat-format.ts';

/**
 * A Jinja template for `tokenizer.chat_template`, which renders the lines of a conversation as the line template does.
 * Line breaks in a message become spaces, as in training; messages without text are left out.
 */
export function jinjaTemplate(format: ChatFormat): string {
  const line = (role: 'user' | 'assistant'): string =>
    `{{- ${[
      ...format[role].slice(0, -1).flatMap((piece) => [quoted(piece), 'text']),
      quoted(`${format[role].at(-1)!}\n`),
    ]
      .filter((term) => term !== '""')
      .join(' + ')} -}}`;
  const head = assistantHead(format);
  return [
    '{%- for message in messages -%}',
    '{%- set text = message["content"] | trim | replace("\\n", " ") -%}',
    `{%- if text and message["role"] == "user" -%}${line('user')}`,
    `{%- elif text and message["role"] == "assistant" -%}${line('assistant')}`,
    '{%- endif -%}',
    '{%- endfor -%}',
    ...(head === '' ? [] : [`{%- if add_generation_prompt -%}{{- ${quoted(head)} -}}{%- endif -%}`]),
  ].join('\n');
}

// ---------------------------------------------------------------------------

const quoted = (text: string): string =>
  `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}"`;
