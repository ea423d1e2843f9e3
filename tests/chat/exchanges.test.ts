import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exchanges } from '../../src/chat/exchanges.ts';
import type { ChatInput } from '../../src/chat/input.ts';

const say = (...messages: string[]): ChatInput => ({ kind: 'say', messages, seconds: null });

/** What stands after inputs, each with what the model answers; `.` ends the conversation. */
function after(...steps: [input: ChatInput, ...answer: string[]][]): string[][] {
  const chat = exchanges();
  for (const [input, ...answer] of steps) {
    chat.input(input, 'Mira');
    for (const text of answer)
      if (text === '.') chat.conversationEnd();
      else chat.line('Ana', text);
  }
  return chat
    .conversations()
    .map((lines) => lines.map(({ from, text, isWritten }) => `${from[0]}${isWritten ? '>' : '<'}${text}`));
}

test('what was taken back does not stand in a chat', () => {
  assert.deepEqual(after([say('a', ' ', 'b'), 'c', 'd'], [{ kind: 'more' }, 'e']), [
    ['M<a', 'M<b', 'A>c', 'A>d', 'A>e'],
  ]);
  assert.deepEqual(after([say('a'), 'b'], [{ kind: 'again' }, 'c']), [['M<a', 'A>c']]);
  assert.deepEqual(after([say('a'), 'b'], [say('c'), 'd'], [{ kind: 'undo' }]), [['M<a', 'A>b']]);
  assert.deepEqual(after([say('a'), 'b'], [{ kind: 'edit', messages: ['c'], seconds: null }, 'd']), [['M<c', 'A>d']]);
  assert.deepEqual(after([{ kind: 'again' }], [{ kind: 'undo' }]), []);
  assert.deepEqual(after([{ kind: 'self', lines: 2 }, 'a', 'b'], [{ kind: 'as', name: 'Bo' }]), [['A>a', 'A>b']]);
});

test('a conversation ends when the model ends it, and when the user begins another', () => {
  assert.deepEqual(after([say('a'), 'b', '.'], [say('c'), 'd']), [
    ['M<a', 'A>b'],
    ['M<c', 'A>d'],
  ]);
  assert.deepEqual(after([say('a'), '.'], [{ kind: 'again' }, 'b'], [say('c')]), [['M<a', 'A>b', 'M<c']]);
  assert.deepEqual(after([say('a'), 'b'], [{ kind: 'new' }], [{ kind: 'undo' }], [say('c'), 'd']), [
    ['M<a', 'A>b'],
    ['M<c', 'A>d'],
  ]);
});
