import { createHash } from 'node:crypto';
import { sendJson, type Exchange } from '../local-server.ts';
import { complete, type ServedModel } from '../served-model.ts';
import { newId, personaOf, seedFrom, type ApiModels } from './api-models.ts';
import { eventStream } from './event-stream.ts';
import { bodyOf, commonParams, ParamError, type Body } from './request.ts';

/** OpenAI's default. */
const DEFAULT_MAX_TOKENS = 16;

/** `POST /completions`: continues a text, as it is. */
export async function completion(models: ApiModels, exchange: Exchange): Promise<void> {
  const body = bodyOf(exchange.body);
  const params = commonParams(body);
  const { model } = models;
  const { prompt, ids } = promptIn(body, model);
  const head = {
    id: newId('cmpl'),
    object: 'text_completion',
    created: Math.floor(Date.now() / 1000),
    model: personaOf(models, params.model).id,
  };
  const written = complete(model, {
    prompt,
    promptIds: ids,
    lane: createHash('sha256').update(prompt).digest().readUInt32LE(0),
    drawing: params.drawing,
    seed: seedFrom(params.seed),
    stop: params.stop,
    maxTokens: params.maxTokens ?? DEFAULT_MAX_TOKENS,
    signal: exchange.signal,
  });
  const echoed = body['echo'] === true ? prompt : '';
  const events = params.stream ? eventStream(exchange) : null;
  const choice = (text: string, finish_reason: string | null) => ({ index: 0, text, logprobs: null, finish_reason });
  let text = echoed;
  if (events && echoed !== '') events.send({ ...head, choices: [choice(echoed, null)] });
  for await (const part of written) {
    if (part.kind === 'text') {
      text += part.text;
      events?.send({ ...head, choices: [choice(part.text, null)] });
      continue;
    }
    const reason = part.stopped === 'length' || part.stopped === 'context' ? 'length' : 'stop';
    const usage = { prompt_tokens: ids.length, completion_tokens: part.tokens, total_tokens: ids.length + part.tokens };
    if (!events) return sendJson(exchange, 200, { ...head, choices: [choice(text, reason)], usage });
    events.send({ ...head, choices: [choice('', reason)] });
    if (params.includeUsage) events.send({ ...head, choices: [], usage });
    events.end();
  }
}

// ---------------------------------------------------------------------------

/** Text, or token ids; a list of one of them. */
function promptIn({ prompt: given }: Body, { tokenizer, context }: ServedModel): { prompt: string; ids: number[] } {
  const prompt: unknown =
    Array.isArray(given) && given.length === 1 && typeof given[0] !== 'number' ? given[0] : (given ?? '');
  const areIds =
    Array.isArray(prompt) && prompt.every((id) => Number.isInteger(id) && id >= 0 && id < tokenizer.vocabularySize);
  if (typeof prompt !== 'string' && !areIds)
    throw new ParamError('must be a text, or a list of token ids; one per request', 'prompt');
  const ids = typeof prompt === 'string' ? [tokenizer.separator, ...tokenizer.encode(prompt)] : (prompt as number[]);
  if (ids.length === 0) throw new ParamError('is empty', 'prompt');
  if (ids.length > context)
    throw new ParamError(`has ${ids.length} tokens, but the model's context is ${context}`, 'prompt', {
      code: 'context_length_exceeded',
    });
  return { prompt: typeof prompt === 'string' ? prompt : tokenizer.decode(ids), ids };
}
