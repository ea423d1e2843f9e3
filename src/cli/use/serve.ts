import { once } from 'node:events';
import type { Acquaintance } from '../../chat/people.ts';
import { sharedRows } from '../../generation/shared-rows.ts';
import { TEXTS_AT_ONCE } from '../../lm/generation/generate.ts';
import { servePage } from '../../pages/serve-page.ts';
import { servedPage } from '../../serve/served-page.ts';
import { accessKey, accessKeyPath } from '../../serve/access-key.ts';
import type { LocalServer } from '../../serve/local-server.ts';
import { answerApi, errorBody } from '../../serve/openai/api.ts';
import { ELIZA, type Persona } from '../../serve/served-model.ts';
import { freePort } from '../../tracking/server/port.ts';
import type { FoundModel } from '../find/find-model.ts';
import { coloursFor } from '../screen/style.ts';
import { UsageError } from '../verb.ts';
import { known, ownerOf } from './chat-partners.ts';
import { listening } from './listening.ts';
import { findChats, withTalk } from './talk.ts';

interface ServeArguments {
  model: string;
  port: number | null;
  as: string | null;
  newKey: boolean;
}

const FIRST_PORT = 5217;

/** `runner serve RUN[/STAGE]`: until Ctrl-C. */
export async function serve({ model: named, port, as, newKey }: ServeArguments): Promise<number> {
  const chats = findChats(named);
  const { acquaintance, found, trainedOn, form } = chats;
  const personas = personasOf(acquaintance, { found, owner: as ?? ownerOf(trainedOn.conversations) });
  await withTalk(chats, TEXTS_AT_ONCE, async (talk) => {
    const beginningOf = remembered((person, user) => {
      const clock = talk.clockOf({ person, user }, null);
      const [start, gap] = [clock.now(), clock.next() - clock.now()];
      return { opening: talk.beginningOf({ person, user }, start).opening, start, gap };
    });
    const model = { ...talk, rows: sharedRows(talk.reader, talk.context), form, beginningOf };
    const models = { model, personas: [...personas, ELIZA], created: Math.floor(Date.now() / 1000) };
    const key = accessKey(accessKeyPath(process.env), newKey);
    const server = await listening({
      port: port ?? (await freePort(FIRST_PORT)),
      key,
      pages: { '/': servedPage(servePage, 'serve') },
      answer: (exchange) => answerApi(models, exchange),
      errorBody,
      log: (line) => console.error(coloursFor(process.stderr).dim(line)),
    });
    announce(server, { key, personas, about: talk.about });
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    await server.close();
  });
  return 0;
}

// ---------------------------------------------------------------------------

/** Everybody in the training text. The user is the owner; the owner's own persona talks with whoever is closest. */
function personasOf(
  { people, closestTo }: Acquaintance,
  { found, owner }: { found: FoundModel; owner: string | null },
): Persona[] {
  const names = people.map(({ name }) => name);
  if (names.length === 0) throw new UsageError('the training text names nobody, so there is nobody to talk with');
  const user = owner === null ? null : known(owner, names);
  const run = found.run.replace(/^\d{8}-\d{6}-/, '');
  const taken = new Set<string>();
  const idOf = (name: string): string => {
    const slug =
      name
        .toLowerCase()
        .replace(/[^\p{L}\p{N}]+/gu, '-')
        .replace(/^-+|-+$/g, '') || 'person';
    for (let number = 1; ; number++) {
      const id = `${slug}${number > 1 ? `-${number}` : ''}@${run}`;
      if (!taken.has(id)) return (taken.add(id), id);
    }
  };
  // The owner last: most people do not want to talk with themselves.
  const ordered = [...names.filter((name) => name !== user), ...(user === null ? [] : [user])];
  return ordered.map((person) => ({
    id: idOf(person),
    person,
    user: (person === user ? null : user) ?? closestTo(person) ?? names.find((name) => name !== person) ?? 'You',
  }));
}

function remembered<T>(compute: (person: string, user: string) => T): (person: string, user: string) => T {
  const results = new Map<string, T>();
  return (person, user) => {
    const key = JSON.stringify([person, user]);
    if (!results.has(key)) results.set(key, compute(person, user));
    return results.get(key)!;
  };
}

const MOST_LISTED = 10;

function announce(
  { port }: LocalServer,
  { key, personas, about }: { key: string; personas: Persona[]; about: string },
): void {
  const { dim, bold } = coloursFor(process.stdout);
  const address = `http://127.0.0.1:${port}`;
  const listed = personas.slice(0, MOST_LISTED).map(({ id, person }) => `  ${id}  ${dim(person)}`);
  const more = personas.length - listed.length;
  console.log(
    [
      dim(about),
      `chat   ${bold(`${address}/#${key}`)}`,
      `API    ${bold(`${address}/v1`)}   key ${key}`,
      'models',
      ...listed,
      ...(more > 0 ? [dim(`  … and ${more} more: GET /v1/models`)] : []),
      dim('only programs of this machine that know the key can connect; Ctrl-C ends'),
    ].join('\n'),
  );
}
