import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipPart {
  name: string;
  content: string | Buffer;
  /** not compressed */
  stored?: boolean;
  /** sizes and checksum follow the content, as in a zip written to a pipe */
  streamed?: boolean;
  /** Unix mode, such as 0o120777 for a link */
  mode?: number;
  flags?: number;
  method?: number;
  /** a false size for the central directory */
  claimedBytes?: number;
  claimedCrc?: number;
}

/** Writes a zip by hand from the format's description (APPNOTE.TXT 4.3), so that it can have any fault. */
export function zipOf(parts: ZipPart[] | Record<string, unknown>): Buffer {
  const list = Array.isArray(parts)
    ? parts
    : Object.entries(parts).map(([name, content]): ZipPart => ({
        name,
        content: typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content),
      }));
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const part of list) {
    const content = Buffer.from(part.content as string);
    const packed = part.stored ? content : deflateRawSync(content);
    const name = Buffer.from(part.name);
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE(0x800 | (part.streamed ? 8 : 0) | (part.flags ?? 0), 2);
    head.writeUInt16LE(part.method ?? (part.stored ? 0 : 8), 4);
    head.writeUInt32LE(part.claimedCrc ?? crc32(content), 10);
    head.writeUInt32LE(packed.length, 14);
    head.writeUInt32LE(part.claimedBytes ?? content.length, 18);
    head.writeUInt16LE(name.length, 22);
    const localHead = Buffer.from(head);
    if (part.streamed) localHead.fill(0, 10, 22);
    const behind = part.streamed
      ? Buffer.concat([Buffer.from('PK\x07\x08', 'latin1'), head.subarray(10, 22)])
      : Buffer.alloc(0);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), localHead, name, packed, behind]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((part.mode ?? 0o100644) << 16) >>> 0, 6);
    tail.writeUInt32LE(at, 10);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), head, tail, name]));
    locals.push(local);
    at += local.length;
  }
  const table = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(list.length, 8);
  end.writeUInt16LE(list.length, 10);
  end.writeUInt32LE(table.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, table, end]);
}
