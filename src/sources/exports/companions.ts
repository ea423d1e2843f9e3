import type { SourceFormat } from '../format-names.ts';

/** Whether a file belongs to an export of this format, by its place, although it holds no messages of its own. */
export function isCompanion(format: SourceFormat, place: string): boolean {
  return COMPANIONS[format]?.test(place) ?? false;
}

/** Lists of people and channels, and the files that were sent, which may be text, tables or exports themselves. */
const COMPANIONS: Partial<Record<SourceFormat, RegExp>> = {
  telegram:
    /(^|\/)(files|photos|video_files|voice_messages|round_video_messages|stickers|contacts|images|profile_pictures|stories|css|js|lists)\/|(^|\/)export_results\.html$/,
  'signal-desktop': /(^|\/)metadata\.json$|(^|\/)files\//,
  discord: /_Files\//,
  slack:
    /(^|\/)(users|org_users|channels|groups|dms|mpims|integration_logs|canvases|lists|file_conversations|huddle_transcripts|canvas_in_the_conversation)\.json$|(^|\/)\d{4}-\d\d-\d\d\.json$/,
  'google-chat':
    /(^|\/)Groups\/[^/]+\/|(^|\/)Users\/[^/]+\/|(^|\/)(user|group)_info\.json$|(^|\/)archive_browser\.html$/,
};
