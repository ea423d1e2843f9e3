import { parseHeader } from '../../artifacts/tokens/header.ts';
import { lineFormOf, type LineForm } from '../../chat/line-form.ts';
import type { TrainedOn } from '../find/find-model.ts';
import { UsageError } from '../verb.ts';

/** The lines of a chat; tokens from elsewhere have no template. Throws a UsageError if nobody could take turns. */
export function formOf(template: string): LineForm {
  try {
    return lineFormOf(template === '' ? '{text}' : template);
  } catch (error) {
    throw new UsageError(`this model cannot chat: ${(error as Error).message}`);
  }
}

/** The line before a conversation, if the model was trained on one; it says how many messages there will be. */
export function headerText(
  { params }: TrainedOn,
  { user, person }: { user: string; person: string },
  time: number,
): string {
  const header = parseHeader((params?.['header'] as string | undefined) ?? '');
  return header === null ? '' : `${header.render({ people: [user, person], time, messages: 20 })}\n`;
}
