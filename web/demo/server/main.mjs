// The demo's e-office server. What it needs of Node is in Debian 12's own.
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { Nonces } from '@jurukunci/server';

import { AgentKeys } from './agent-keys.mjs';
import { answering } from './answering.mjs';
import { Batches } from './batches.mjs';
import { LetterBox } from './letter-box.mjs';
import { orderKey } from './order-key.mjs';
import { readPage } from './page.mjs';
import { Sessions } from './sessions.mjs';

const usage = `usage: main.mjs --port N --cert FILE --key FILE --state DIR [--host NAME] [--agent-ports A,B] [--login-anchor FILE]… [--no-orders]
  --port          0 means any free one
  --host          the name in the page's address, default localhost; it always listens on 127.0.0.1
  --agent-ports   where the page looks for the agent, default 17845,17846,17847,17848,17849
  --login-anchor  a root (PEM) whose certificates may log in with the token; without one that log-in is not offered
  --no-orders     where the city's registry has no order_key for this application`;

function fail(reason) {
  console.error(`${reason}\n${usage}`);
  process.exit(2);
}

function readArguments() {
  const text = { type: 'string' };
  try {
    const { values } = parseArgs({
      options: {
        port: text,
        cert: text,
        key: text,
        state: text,
        'login-anchor': { ...text, multiple: true, default: [] },
        'no-orders': { type: 'boolean', default: false },
        host: { ...text, default: 'localhost' },
        'agent-ports': { ...text, default: '17845,17846,17847,17848,17849' },
      },
    });
    for (const name of ['port', 'cert', 'key', 'state']) if (!values[name]) fail(`--${name} is missing`);
    const isPort = (port, least) => Number.isInteger(port) && port >= least && port <= 65535;
    const port = Number(values.port);
    const agentPorts = values['agent-ports'].split(',').map(Number);
    if (!isPort(port, 0)) fail('--port is no port');
    if (!agentPorts.every((one) => isPort(one, 1))) fail('--agent-ports are no ports');
    return {
      ...values,
      port,
      agentPorts,
      loginAnchors: values['login-anchor'].map((file) => readFileSync(file, 'utf8')),
      orders: !values['no-orders'],
    };
  } catch (error) {
    return fail(error.message);
  }
}

const { port, host, cert, key, state, agentPorts, loginAnchors, orders } = readArguments();
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
mkdirSync(join(state, 'signed'), { recursive: true, mode: 0o700 });
const office = {
  agentPorts,
  loginAnchors,
  page: readPage(here('../dist')),
  letters: new LetterBox(here('../letters'), join(state, 'signed')),
  nonces: new Nonces(),
  sessions: new Sessions(),
  batches: new Batches(join(state, 'batches.json')),
  agentKeys: new AgentKeys(join(state, 'agent-keys.json')),
  orderKey: orders ? orderKey(state).key : null,
};

const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) });
server.headersTimeout = 10_000;
server.requestTimeout = 60_000;
server.listen(port, '127.0.0.1', () => {
  const { origin } = new URL(`https://${host}:${server.address().port}`);
  server.on('request', answering({ ...office, origin }));
  console.log(`listening ${origin}`);
});
server.on('error', (error) => {
  console.error(error.message);
  process.exit(5);
});

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
