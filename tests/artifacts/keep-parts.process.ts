import { openParts, partName } from '../../src/artifacts/parts/parts.ts';

// argv: folder, name of this process, number of parts, and `wait` to be killed before the pack is closed.
const [dir, who, count, wait] = process.argv.slice(2) as [string, string, string, string?];
const parts = openParts(dir, 20_000)!;
for (let i = 0; i < Number(count); i++) {
  const name = partName([who, i]);
  if (parts.find(name) === null) parts.keep(name, [Buffer.from(`${who} ${i} `.repeat(20))]);
}
process.send?.('kept');
if (wait) setInterval(() => {}, 1000);
else {
  parts.close();
  process.disconnect?.();
}
