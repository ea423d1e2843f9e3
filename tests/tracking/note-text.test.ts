import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { noteText, readNoteText } from '../../src/tracking/labels/note-text.ts';

test('a description and notes are one text in MLflow, and are read back from it', () => {
  const labels = { description: 'A lower rate.\n\nSee **paper**.', notes: ['repeats itself', 'two\nlines'] };
  const text = 'A lower rate.\n\nSee **paper**.\n\n### Notes\n\n- repeats itself\n- two\n  lines';
  assert.equal(noteText(labels), text);
  assert.deepEqual(readNoteText(text), labels);
  assert.equal(noteText({ description: null, notes: [] }), '');
  assert.deepEqual(readNoteText(''), { description: null, notes: [] });
});

test('text that a person wrote in MLflow is a description; items under the heading are notes', () => {
  assert.deepEqual(readNoteText('## My view\r\n- good'), { description: '## My view\n- good', notes: [] });
  assert.deepEqual(readNoteText('### Notes\n\n* one\n\n- two'), { description: null, notes: ['one', 'two'] });
  assert.deepEqual(readNoteText('text\n### Notes\n'), { description: 'text', notes: [] });
});

test('any description and any notes survive the way there and back', () => {
  const words = fc
    .stringMatching(/^[a-z*#]([a-z *#.\n]{0,20}[a-z.])?$/)
    .filter((text) => !/### Notes|\n[ *-]/.test(text));
  fc.assert(
    fc.property(fc.option(words), fc.array(words), (description, notes) =>
      assert.deepEqual(readNoteText(noteText({ description, notes })), { description, notes }),
    ),
  );
});
