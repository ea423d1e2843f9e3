import { once } from 'node:events';
import { join } from 'node:path';
import { openTokens } from '../../artifacts/tokens/tokens.ts';
import { clockAfter } from '../../chat/clock.ts';
import { acquaint, type Acquaintance } from '../../chat/people.ts';
import { engineChoice, openEngine } from '../../engine/open-engine.ts';
import { cachedReader, cacheLengths } from '../../generation/cached-reader.ts';
import { sharedRows } from '../../generation/shared-rows.ts';
import { TEXTS_AT_ONCE } from '../../lm/generation/generate.ts';
import { counted } from '../../numbers/counted.ts';
import { UserError } from '../../pipeline/diagnostic/user-error.ts';
import { projectRoot } from '../../files/project-root.ts';
import { chatPage } from '../../serve/chat-page.ts';
import { accessKey, accessKeyPath } from '../../serve/access-key.ts';
import { openLocalServer, type LocalServer, type Serving } from '../../serve/local-server.ts';
import { answerApi, errorBody } from '../../serve/openai/api.ts';
import { ELIZA, type Persona } from '../../serve/served-model.ts';
import { freePort, portUser } from '../../tracking/server/port.ts';
import { findModel, type FoundModel } from '../find/find-model.ts';
import { prepareEngine } from '../machine/prepare-engine.ts';
import { runsDirectory } from '../runs-directory.ts';
import { coloursFor } from '../screen/style.ts';
import { UsageError } from '../verb.ts';
import { formOf, headerText } from './chat-setup.ts';
import { known, ownerOf } from './chat-partners.ts';
import { openModel } from './open-model.ts';

interface ServeArguments {
  model: string;
  port: number | null;
  as: string | null;
  newKey: boolean;
}

const FIRST_PORT = 5217;

/** `runner serve RUN[/STAGE]`: until Ctrl-C. */
export async function serve({ model: named, port, as, newKey }: ServeArguments): Promise<number> {
  const found = findModel(runsDirectory(), named);
  const [trainedOn] = found.tokens;
  if (!trainedOn)
    throw new UsageError(
      `the tokens that ${found.run}/${found.stage} was trained on are gone, so nobody's name is known`,
    );
  const reader = openTokens(trainedOn.dir);
  const acquaintance = acquaint(reader);
  const form = formOf(reader.index.template);
  const personas = personasOf(acquaintance, { found, owner: as ?? ownerOf(trainedOn.conversations) });
  await prepareEngine((text) => console.error(text));
  const opened = openModel(found, 'best');
  const engine = await openEngine({ ...engineChoice('tensorflow', 'fp32'), wideVectors: true });
  try {
    const { model, read, tokenizer } = opened;
    const { context } = model.config;
    const lengths = cacheLengths(model, TEXTS_AT_ONCE, context);
    const cached = cachedReader({ engine, model, read, rows: TEXTS_AT_ONCE, precision: 'fp32', lengths });
    const separator = reader.index.ending === 'separator' ? reader.index.separator : null;
    const timesOf = remembered((person: string, user: string) => {
      const clock = clockAfter(acquaintance.latestBetween(user, person, tokenizer), null);
      return { start: clock.now(), gap: clock.next() - clock.now() };
    });
    const [first] = personas;
    const header = headerText(trainedOn, first!, timesOf(first!.person, first!.user).start);
    const served = {
      rows: sharedRows(cached, context),
      tokenizer,
      context,
      stopIds: model.stopIds(tokenizer.separator),
      form,
      opening: [reader.index.separator, ...tokenizer.encode(header)],
      separator,
      timesOf,
    };
    const models = { model: served, personas: [...personas, ELIZA], created: Math.floor(Date.now() / 1000) };
    const key = accessKey(accessKeyPath(process.env), newKey);
    const server = await listening({
      port: port ?? (await freePort(FIRST_PORT)),
      key,
      pages: { '/': chatPage(join(projectRoot(), 'dist', 'pages', 'serve.js')) },
      answer: (exchange) => answerApi(models, exchange),
      errorBody,
      log: (line) => console.error(coloursFor(process.stderr).dim(line)),
    });
    announce(server, {
      key,
      personas,
      about: `${found.run}/${found.stage}: ${opened.weights} weights, ${counted(opened.step, 'step')}`,
    });
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    await server.close();
  } finally {
    engine.close();
    opened.close();
    reader.close();
  }
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

async function listening(serving: Serving): Promise<LocalServer> {
  try {
    return await openLocalServer(serving);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE')
      throw new UserError(`cannot listen at port ${serving.port}: ${message}`, { cause: error });
    const user = portUser(serving.port);
    throw new UserError(
      `port ${serving.port} is in use${user ? ` by ${user}` : ''}; choose another with --port, or omit it to get a free one`,
      { cause: error },
    );
  }
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
