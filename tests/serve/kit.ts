import { servePage } from '../../src/pages/serve-page.ts';
import { servedPage } from '../../src/serve/served-page.ts';
import { lineFormOf } from '../../src/chat/line-form.ts';
import { sharedRows } from '../../src/generation/shared-rows.ts';
import { openLocalServer, type LocalServer } from '../../src/serve/local-server.ts';
import { ELIZA } from '../../src/serve/served-model.ts';
import { answerApi, errorBody } from '../../src/serve/openai/api.ts';
import { randomLogits, SEPARATOR, tokenizer } from '../chat/kit.ts';
import { fakeReader } from '../generation/fake-reader.ts';

export const KEY = 'a-key-of-the-tests-only';

/** The real server, with a model that writes at random. */
export async function startServer(
  rows = 4,
  logitsAfter = randomLogits(1),
): Promise<{ server: LocalServer; address: string; log: string[]; steps(): number }> {
  const log: string[] = [];
  const { reader, calls } = fakeReader(rows, logitsAfter);
  const model = {
    rows: sharedRows(reader, 512),
    tokenizer,
    context: 512,
    stopIds: [SEPARATOR],
    form: lineFormOf('{name}: {text}'),
    separator: SEPARATOR,
    beginningOf: () => ({ opening: [SEPARATOR], start: 0, gap: 60_000 }),
  };
  const personas = [
    { id: 'ann@test', person: 'Ann', user: 'Bob' },
    { id: 'bob@test', person: 'Bob', user: 'Ann' },
    ELIZA,
  ];
  const server = await openLocalServer({
    port: 0,
    key: KEY,
    pages: { '/': servedPage(servePage, 'serve') },
    answer: (exchange) => answerApi({ model, personas, created: 1 }, exchange),
    errorBody,
    log: (line) => log.push(line),
  });
  return { server, address: `http://127.0.0.1:${server.port}`, log, steps: () => calls.tokens };
}
