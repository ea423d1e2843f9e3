import type { Exchange } from '../local-server.ts';

/** Server-sent events, as OpenAI's clients read them. */
export interface EventStream {
  send(value: unknown): void;
  end(): void;
}

/** A comment keeps the connection open while the request waits for a row. */
const PING_MS = 10_000;

export function eventStream({ response }: Exchange): EventStream {
  response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' });
  response.flushHeaders();
  const pings = setInterval(() => response.write(': ping\n\n'), PING_MS);
  response.on('close', () => clearInterval(pings));
  return {
    send: (value) => void response.write(`data: ${JSON.stringify(value)}\n\n`),
    end() {
      response.write('data: [DONE]\n\n');
      response.end();
    },
  };
}
