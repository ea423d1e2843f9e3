import { heldText } from '../../generation/held-text.ts';
import { sendJson, type Exchange } from '../local-server.ts';
import { answerTo, checkLatestLine, type Line } from '../served-model.ts';
import { newId, personaOf, seedFrom, type ApiModels } from './api-models.ts';
import { eventStream } from './event-stream.ts';
import { messagesIn, type ApiMessage } from './messages.ts';
import { bodyOf, commonParams, type CommonParams } from './request.ts';

/** `POST /chat/completions`: the person's next messages, one per line. */
export async function chatCompletion(models: ApiModels, exchange: Exchange): Promise<void> {
  const body = bodyOf(exchange.body);
  const params = commonParams(body);
  const { messages, hadInstructions } = messagesIn(body);
  const persona = personaOf(models, params.model);
  const head = { id: newId('chatcmpl'), created: Math.floor(Date.now() / 1000), model: persona.id };
  if (hadInstructions)
    exchange.response.setHeader('X-Note', 'system messages are ignored: a model of chats takes no instructions');
  const { drawing, maxTokens } = params;
  const wanted = {
    persona,
    lines: messages.flatMap((message) => linesOf(message, persona)),
    drawing,
    seed: seedFrom(params.seed),
    maxTokens,
    signal: exchange.signal,
  };
  checkLatestLine(models.model, wanted);
  const parts = answerParts(answerTo(models.model, wanted), params);
  if (params.stream) return stream(parts, { head, params, exchange });
  let content = '';
  for await (const part of parts) {
    if (part.kind === 'text') content += part.text;
    else
      sendJson(exchange, 200, {
        ...head,
        object: 'chat.completion',
        choices: [
          {
            index: 0,
            message: { role: 'assistant', content, refusal: null },
            logprobs: null,
            finish_reason: part.reason,
          },
        ],
        usage: part.usage,
      });
  }
}

// ---------------------------------------------------------------------------

/** A message of several lines is several messages: that is how answers of several messages are sent. */
function linesOf({ role, name, text }: ApiMessage, { person, user }: { person: string; user: string }): Line[] {
  const from = name ?? (role === 'user' ? user : person);
  return text
    .split(/[\r\n\u2028\u2029\u0085\v\f]+/)
    .filter((line) => line.trim() !== '')
    .map((line) => ({ from, text: line }));
}

type Part =
  | { kind: 'text'; text: string }
  | {
      kind: 'end';
      reason: 'stop' | 'length';
      usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
    };

/** The text of an answer, with a line end between its messages, up to a stop string. */
async function* answerParts(events: ReturnType<typeof answerTo>, { stop }: CommonParams): AsyncGenerator<Part> {
  const held = heldText(stop);
  let lines = 0;
  for await (const event of events) {
    if (event.kind === 'usage') {
      const rest = held.rest();
      if (rest !== '') yield { kind: 'text', text: rest };
      const { prompt, completion, isCut } = event;
      yield {
        kind: 'end',
        reason: isCut && !held.stopped() ? 'length' : 'stop',
        usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion },
      };
      return;
    }
    const added = event.kind === 'line' && lines++ > 0 ? '\n' : event.kind === 'text' ? event.text : '';
    const text = held.add(added);
    if (text !== '') yield { kind: 'text', text };
  }
}

interface Streaming {
  head: object;
  params: CommonParams;
  exchange: Exchange;
}

async function stream(parts: AsyncGenerator<Part>, { head, params, exchange }: Streaming): Promise<void> {
  const events = eventStream(exchange);
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    ...(params.includeUsage ? { usage: null } : {}),
  });
  events.send(chunk({ role: 'assistant', content: '' }));
  for await (const part of parts) {
    if (part.kind === 'text') events.send(chunk({ content: part.text }));
    else {
      events.send(chunk({}, part.reason));
      if (params.includeUsage)
        events.send({ ...head, object: 'chat.completion.chunk', choices: [], usage: part.usage });
    }
  }
  events.end();
}
