/**
 * A path that may be recorded. Exporters name files and folders after people (`WhatsApp Chat with Ann.txt`,
 * `inbox/annmiller_1`), so each word that is not one of an exporter or of the trade is shown as `…`. The user still
 * recognizes the file by its place, and the artifact's own report has its full name.
 */
export function namelessPath(path: string): string {
  return path
    .split('/')
    .map((part) => (part === '..' || part === '.' ? part : namelessName(part)))
    .join('/');
}

// ---------------------------------------------------------------------------

/** Adjacent hidden words become one `…`, and so do telephone numbers and ids. Shorter numbers stay: dates, counters. */
function namelessName(name: string): string {
  return name
    .replace(/\+\d[\d ()-]{5,}\d|\d{9,}/g, '…')
    .replace(/[\p{L}\p{M}\p{Extended_Pictographic}][\p{L}\p{M}\p{N}\p{Extended_Pictographic}'’]*/gu, (word) =>
      KNOWN.has(word.toLowerCase().replace(/\d+$/, '')) ? word : '…',
    )
    .replace(/…(?:[\s.+&,_-]*…)+/g, '…');
}

/** Words in the names that exporters and people of this trade give to files and folders, in lower case. */
const KNOWN = new Set(
  `a across activity all and android app apps archive archived avatars backup bot bots channel channels chat chatexport
  chatlab chats chatgpt claude code com config conversation conversations corpus csv cutover data dataset datasets db
  desktop dialog dialogs dialogue dialogues direct discord dm dms documents download downloads dump e2ee eval evaluation
  events export exported exporter exports facebook file files filtered folder for format from general gmail google
  gpt group groups gz gzip hangouts history home htm html images imessage import imported in inbox index instagram ios
  iphone irc jsonl json kakaotalk kik line list local log logs mail main md media members message messages messenger meta
  mnt ndjson mine my new novel of old opt out output pages part parts personal phone photos pipeline pipelines plain project projects private public raw requests result
  results root room rooms sample samples sender shards share shared signal sim slack sms source sources space spaces split
  src srv stickers support takeout tar team teams telegram test text texts tgz thread threads tmp topics train training tsv txt
  ubuntu user users usr utf val valid validation var vkontakte wechat weibo whatsapp with work workspace xml yaml yml your
  zip zoom bin idx npy u qq viber skype threema matrix element mattermost`.split(/\s+/),
);
