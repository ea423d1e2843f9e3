/** Lines that the app writes in a person's name, in English exports. */
export type AppLine = 'system line' | 'reaction line' | 'attachment line' | 'call';

/**
 * Recognizes lines that nobody typed. A line about an action counts only if it begins with the sender's name, the first
 * word of that name, or "You": "Ben left the group." sent by Ann is a real message. `more`: the user's own patterns for
 * whole lines.
 */
export function appLine(text: string, from: string, more: RegExp[] = []): AppLine | null {
  if (more.some((pattern) => pattern.test(text))) return 'system line';
  if (text.length > LONGEST_CHARS) return null;
  const trimmed = text.trim();
  for (const [line, patterns] of ALONE) if (patterns.test(trimmed)) return line;
  for (const name of [from, from.split(' ')[0]!, 'You']) {
    if (name === '' || !trimmed.startsWith(`${name} `)) continue;
    const action = trimmed.slice(name.length + 1);
    for (const [line, patterns] of ACTIONS) if (patterns.test(action)) return line;
  }
  return null;
}

/** Longer than any app line, even one with a long group name. */
const LONGEST_CHARS = 400;

/** Whole lines, without a name before them. */
const ALONE: [AppLine, RegExp][] = [
  [
    'call',
    /^(The (video chat|audio call|video call|call) (has )?ended\.?|Missed (video chat|audio call|video call|call)\.?)$/,
  ],
  ['reaction line', /^(Reacted .{1,20} to (your|a) message\.?|Liked a message\.?)$/u],
  [
    'system line',
    /^(You are now connected on Messenger\.?|Say hi to your new (Facebook friend|connection), .+|You can now (message and )?call each other.*|Messages and calls are secured with end-to-end encryption\..*|This (poll|plan) is no longer available\.?|The group's (name|photo) was changed.*)$/,
  ],
];

/** Lines after the name of the person who acted. */
const ACTIONS: [AppLine, RegExp][] = [
  [
    'call',
    /^(called (you|.{1,80})|started an? (video|audio|group) (chat|call)|joined the (video chat|audio call|video call|call)|left the (video chat|call)|missed (a|your) (video |audio )?(chat|call)( from .{1,80})?|started sharing video|ended the (call|video chat))\.?$/,
  ],
  ['reaction line', /^reacted .{1,20} to (your|a|his|her|their) message\.?$/u],
  [
    'attachment line',
    /^sent (an attachment|a photo|a video|a link|a voice message|an? GIF|a sticker|a live location|a location|a post|a reel|\d+ (photos|videos|attachments))(\.| by .{1,80}\.?)?$/,
  ],
  [
    'system line',
    new RegExp(
      `^(${[
        'named the (group|conversation) .+',
        'removed the group name',
        '(added|invited) .+ to the (group|chat|conversation|call)',
        'removed .+ from the (group|chat|conversation)',
        'left the (group|chat|conversation)',
        'joined the (group|chat|conversation).*',
        'created (the|a|this) (group|chat|conversation).*',
        'changed the (group photo|chat theme|theme|chat colors?|group name).*',
        'changed the (chat theme|theme) to .+',
        'set the (nickname|quick reaction|emoji|chat theme|theme) .+',
        "set (his|her|their|your|.{1,80}'s) (own )?nickname to .+",
        "(cleared|removed) (his|her|their|your|the|.{1,80}'s) (own )?(nickname|chat theme|emoji).*",
        'turned (on|off) (disappearing messages|member approval|approval|link sharing|joining|chat history|end-to-end encryption).*',
        '(pinned|unpinned) a message',
        'created a (poll|plan|reminder).*',
        '(voted for|changed (his|her|their|your) vote to|removed (his|her|their|your) vote).+',
        'responded (Going|Maybe|Can.t go).*',
        'waved at (you|.{1,80}|each other)',
        'made .+ (a group admin|an admin|a moderator).*',
        '(unsent|removed) a message',
        'started a (plan|poll|game).*',
        'updated the (plan|group settings|message expiration).*',
        'is now .{1,80}(admin|moderator).*',
        'approved .+ to join.*',
      ].join('|')})[.!]?$`,
    ),
  ],
];
