import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { printedBy } from '../../src/process/printed-by.ts';
import { portUser, userInLsof } from '../../src/tracking/server/port.ts';

test('names the program that uses a port, as lsof does', async (context) => {
  assert.equal(userInLsof('p4231\ncbun\nf23\np999\ncnode\nf21\n'), 'bun (process 4231)');
  assert.equal(userInLsof(''), '');
  const server = createServer().listen(0, '127.0.0.1');
  context.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  assert.match(portUser(port), new RegExp(`\\(process ${process.pid}\\)$`));
  if (!existsSync('/usr/bin/lsof')) return;
  const printed = printedBy('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']);
  assert.match(userInLsof(printed), new RegExp(`\\(process ${process.pid}\\)$`));
});
