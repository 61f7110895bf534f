// Who is not let in: pages that the city has not approved, browsers that were not asked, other users of the computer.
import assert from 'node:assert/strict';
import { request } from 'node:http';

import { until } from './support/bounded.mjs';
import { run } from './support/child.mjs';
import { scenes } from './support/scenes.mjs';
import { StandIn } from './support/stand-in.mjs';

const standIn = await StandIn.start();
const scene = scenes({ stranger: true, agentPorts: (agent) => [standIn.port, agent], ending: () => standIn.stop() });

function hello(port, origin) {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/v1/hello', headers: { origin }, agent: false }, (response) => {
      response.resume().on('end', () => resolve({ status: response.statusCode, headers: response.headers }));
    }).on('error', reject).end();
  });
}

const corsHeaders = (headers) => Object.keys(headers).filter((name) => name.startsWith('access-control-'));

scene('A page of an origin that the city has not approved finds no agent, and the person is asked nothing', async (world) => {
  const person = await world.person('yes');
  const page = await world.openPage(world.stranger);
  const { state } = await page.agentState();
  assert.equal(state, 'absent');
  assert.equal((await page.signInVain('undangan-rapat')).state, 'absent');
  assert.deepEqual(person.questions, []);
  assert.equal(world.stranger.hasSigned('undangan-rapat'), false);
  const refused = new RegExp(`refused GET /v1/hello from ${world.stranger.origin}: E-ASAL-TIDAK-DISETUJUI`, 'g');
  await until(20_000, 'the log tells what kept the page out, both times', () => world.agent.log.match(refused)?.length >= 2);

  const answer = await hello(world.agent.port, world.stranger.origin);
  assert.equal(answer.status, 403);
  assert.deepEqual(corsHeaders(answer.headers), []);
  const approved = await hello(world.agent.port, world.office.origin);
  assert.equal(approved.status, 200);
  assert.equal(approved.headers['access-control-allow-origin'], world.office.origin);
});

scene('Where nobody permitted it the browser keeps the page in: the page says so, and not one byte reaches the agent’s ports', async (world) => {
  const person = await world.person('yes');
  standIn.forget();
  const page = await world.openPage(world.office, await world.browser({ granted: [] }));
  const { state, words } = await page.agentState();
  assert.equal(state, 'blocked', words); // headless there is nobody to ask, and that is a no
  assert.equal((await page.signInVain('undangan-rapat')).state, 'blocked');
  assert.equal(standIn.received, '');
  assert.deepEqual(person.questions, []);

  await world.readyPage(); // with the permission the same page asks the same ports
  assert.match(standIn.received, /^(GET|OPTIONS) \/v1\/hello HTTP\/1\.1\r\n/);
});

// Says hello as a listed page would, and tells what came back.
const otherUser = `
import json, os, socket, sys
port, origin = sys.argv[1:]
got, end = b"", "closed"
try:
    s = socket.create_connection(("127.0.0.1", int(port)), 5)
    s.sendall(f"GET /v1/hello HTTP/1.1\\r\\nHost: 127.0.0.1:{port}\\r\\nOrigin: {origin}\\r\\nConnection: close\\r\\n\\r\\n".encode())
    while chunk := s.recv(4096): got += chunk
except (ConnectionResetError, BrokenPipeError): end = "reset"
print(json.dumps({"uid": os.getuid(), "got": got.decode()[:15], "end": end}))
`;

scene('A request of another user of this computer is cut off before it is read, whatever origin it claims', async (world) => {
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
  const python = ['/usr/bin/python3', '-c', otherUser, String(world.agent.port), world.office.origin];
  const become = process.getuid() === 0 ? ['setpriv', ...nobody] : ['sudo', '-n', 'setpriv', ...nobody];
  const [program, ...args] = [...become, ...python];
  const refusals = () => world.agent.log.match(/E-BUKAN-SESI-PEMILIK/g)?.length ?? 0;

  const own = await run(python[0], python.slice(1));
  assert.deepEqual(JSON.parse(own.stdout), { uid: process.getuid(), got: 'HTTP/1.1 200 OK', end: 'closed' });
  const before = refusals();
  const other = await run(program, args).catch((error) => ({ code: error.message, text: '' }));
  assert.equal(other.code, 0, `this test must act as another user and needs root, or sudo without a password: ${other.text}`);
  assert.deepEqual(JSON.parse(other.stdout), { uid: 65534, got: '', end: 'reset' });
  await until(20_000, 'the log tells of it', () => refusals() > before);
  assert.equal(refusals(), before + 1, world.agent.log);
});
