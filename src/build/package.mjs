// What `npm pack` needs besides the build: a list of what belongs to it, and the licences of what is bundled.
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Writes `dist/chunks/.npmignore`, which leaves out chunks of earlier builds and source maps, and
 * `dist/THIRD-PARTY.txt`. `outputs`: the paths of all files of the build; `inputs`: those of everything bundled into
 * them.
 */
export function preparePackage({ outputs, inputs }) {
  const chunks = outputs.filter((path) => basename(dirname(path)) === 'chunks' && path.endsWith('.js'));
  writeFileSync(
    join('dist', 'chunks', '.npmignore'),
    ['*', ...chunks.map((path) => `!${basename(path)}`), ''].join('\n'),
  );
  writeFileSync(join('dist', 'THIRD-PARTY.txt'), notices(inputs));
}

// ---------------------------------------------------------------------------

function notices(inputs) {
  const folders = new Set(inputs.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []));
  const texts = [...folders]
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((dir) => {
      const { name, version, license } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
      const files = readdirSync(dir).filter(
        (file) => /^(licen[cs]e|notice|copying)/i.test(file) && statSync(join(dir, file)).isFile(),
      );
      const text = files.map((file) => readFileSync(join(dir, file), 'utf8').trim()).join('\n\n');
      return `${name} ${version} (${license})\n\n${text || 'The package has no file with its licence.'}`;
    });
  return `Bundled into these files:\n\n${texts.join(`\n\n${'-'.repeat(79)}\n\n`)}\n`;
}
