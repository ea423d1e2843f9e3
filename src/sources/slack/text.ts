import { asList, asObject, asText, type Json } from '../exports/json-values.ts';
import type { Workspace } from './workspace.ts';

/** The text as people see it. Slack writes mentions and links as `<@U123>` and `<https://a.b|label>`. */
export function plainText(text: string, workspace: Workspace): string {
  return text
    .replace(/<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>/g, (_, mark: string, target: string, label: string | undefined) =>
      shownTarget(mark, target, label ?? '', workspace),
    )
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

function shownTarget(mark: string, target: string, label: string, { users, channels }: Workspace): string {
  if (mark === '@') return `@${users.get(target) ?? (label || target)}`;
  if (mark === '#') return `#${label || (channels.get(target) ?? target)}`;
  if (mark === '!') return /^(here|channel|everyone)$/.test(target) ? `@${target}` : label || `@${target}`;
  const address = target.replace(/^(mailto|tel):/, '');
  const isSame = label === '' || address.replace(/^https?:\/\//, '').replace(/\/$/, '') === label.replace(/\/$/, '');
  return isSame ? label || address : `${label} (${address})`;
}

/** The text of a message that has only blocks, as newer apps and bots write them. */
export function blockText(blocks: unknown[], workspace: Workspace): string {
  return blocks
    .map((block) => elementText(asObject(block), workspace))
    .filter((text) => text.trim() !== '')
    .join('\n');
}

function elementText(element: Json, workspace: Workspace, depth = 0): string {
  if (depth > DEEPEST) return '';
  switch (element['type']) {
    case 'text':
    case 'plain_text':
      return asText(element['text']);
    case 'mrkdwn':
      return plainText(asText(element['text']), workspace);
    case 'user':
      return shownTarget('@', asText(element['user_id']), '', workspace);
    case 'channel':
      return shownTarget('#', asText(element['channel_id']), '', workspace);
    case 'broadcast':
      return `@${asText(element['range'])}`;
    case 'link':
      return shownTarget('', asText(element['url']), asText(element['text']), workspace);
    case 'emoji':
      return `:${asText(element['name'])}:`;
    case 'section':
    case 'header':
      return elementText(asObject(element['text']), workspace, depth + 1);
    default: {
      const parts = asList(element['elements']).map((part) => elementText(asObject(part), workspace, depth + 1));
      return parts.join(element['type'] === 'rich_text_section' ? '' : '\n');
    }
  }
}

/** Lists and quotes nest; a damaged file may nest deeper. */
const DEEPEST = 10;
