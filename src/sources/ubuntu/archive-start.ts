import { constants, gunzipSync } from 'node:zlib';

/** Whether the beginning of a .tar or .tgz names dialogues of the corpus: `dialogs/3/1.tsv`. */
export function holdsDialogues(start: Buffer): boolean {
  const bytes = start[0] === 0x1f && start[1] === 0x8b ? inflatedStart(start) : start;
  return memberNames(bytes).some((name) => /(^|\/)dialogs\/|\.tsv$/i.test(name));
}

// ---------------------------------------------------------------------------

/** As much as the beginning of a gzip file yields; nothing if it is damaged. */
function inflatedStart(start: Buffer): Buffer {
  try {
    return gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 16 * 2 ** 20 });
  } catch {
    return Buffer.alloc(0);
  }
}

const BLOCK_BYTES = 512;

function memberNames(tar: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at + BLOCK_BYTES <= tar.length;) {
    const header = tar.subarray(at, at + BLOCK_BYTES);
    if (header.toString('latin1', 257, 262) !== 'ustar') break;
    names.push(textIn(header.subarray(0, 100)));
    const size = Number.parseInt(textIn(header.subarray(124, 136)), 8) || 0;
    at += BLOCK_BYTES * (1 + Math.ceil(size / BLOCK_BYTES));
  }
  return names;
}

const textIn = (field: Buffer): string => field.toString('latin1').replace(/\0.*$/s, '');
