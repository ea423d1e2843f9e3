import { ParamError, type Body } from './request.ts';

/** A message of a chat as OpenAI's clients send it, reduced to what a model of chats can use. */
export interface ApiMessage {
  role: 'user' | 'assistant';
  /** who wrote it, if the client says so */
  name: string | null;
  text: string;
}

/** The messages, and whether some were ignored: a model of chats takes no instructions. */
export function messagesIn({ messages }: Body): { messages: ApiMessage[]; hadInstructions: boolean } {
  if (!Array.isArray(messages) || messages.length === 0) throw new ParamError('must be a list of messages', 'messages');
  const all = messages.map((message: unknown, index) => messageFrom(message, `messages.${index}`));
  const kept = all.filter((message) => message !== null);
  if (kept.length === 0) throw new ParamError('has no message of a user', 'messages');
  return { messages: kept, hadInstructions: kept.length < all.length };
}

// ---------------------------------------------------------------------------

function messageFrom(value: unknown, param: string): ApiMessage | null {
  const { role, content, name } = (value ?? {}) as Record<string, unknown>;
  switch (role) {
    case 'system':
    case 'developer':
      return null;
    case 'user':
    case 'assistant':
      if (typeof name === 'string' && /[\r\n\u2028\u2029\u0085\v\f]/.test(name))
        throw new ParamError('must be one line', `${param}.name`);
      return {
        role,
        name: typeof name === 'string' && name !== '' ? name : null,
        text: textOf(content, `${param}.content`),
      };
    default:
      throw new ParamError('must be user, assistant, system or developer', `${param}.role`);
  }
}

/** Text alone, or a list of parts that are text. */
function textOf(content: unknown, param: string): string {
  if (typeof content === 'string') return content;
  if (content === null || content === undefined) return '';
  if (!Array.isArray(content)) throw new ParamError('must be text or a list of text parts', param);
  return content
    .map((part: unknown, index) => {
      const { type, text } = (part ?? {}) as Record<string, unknown>;
      if ((type === 'text' || type === 'input_text' || type === 'output_text') && typeof text === 'string') return text;
      throw new ParamError('only text can be read', `${param}.${index}`);
    })
    .join('');
}
