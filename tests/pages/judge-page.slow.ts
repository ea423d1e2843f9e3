import { test } from 'node:test';
import { answerByKeyboard } from './judge-page-kit.ts';

test('108 questions by keyboard alone, which take 45 s because no key counts in the first 400 ms', (context) =>
  answerByKeyboard(context, 108));
