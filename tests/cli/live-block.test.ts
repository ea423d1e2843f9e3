import assert from 'node:assert/strict';
import { test } from 'node:test';
import stringWidth from 'string-width';
import { openBlock } from '../../src/cli/screen/live-block.ts';

test('lines of wide characters are cut to the terminal, and a redraw moves up as many rows as they take', () => {
  const written: string[] = [];
  const stream = { isTTY: true, columns: 40, rows: 24, write: (text: string) => written.push(text) };
  const block = openBlock(stream as unknown as NodeJS.WriteStream);
  const lines = ['茶'.repeat(60), `ab${'茶'.repeat(60)}`];
  block.draw(lines);
  for (const line of written[0]!.split('\n')) assert.ok(stringWidth(line) <= 39 && stringWidth(line) >= 37, line);
  stream.columns = 20; // each of the two lines now wraps
  block.draw(lines);
  assert.match(written[1]!, /^\r\x1b\[3A\x1b\[J/);
  block.draw(lines);
  assert.match(written[2]!, /^\r\x1b\[1A\x1b\[J/, 'cut again, they take one row each');
});
