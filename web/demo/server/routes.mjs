import { makeOrder, verifyAuthentication } from '@jurukunci/server';

import { readBody, readJson } from './body.mjs';
import { checkPage } from './check-page.mjs';
import { headersOfAnswer, headersOfPage, headersOfPdf } from './headers.mjs';
import { Refusal } from './refusal.mjs';
import { users } from './sessions.mjs';
import { languageOf } from './words.mjs';

const largestLetter = 32 * 1024 * 1024;
const purpose = 'tte',
  taskKind = 'persuratan_elektronik';

/** Every address the server knows; what is not here does not exist. `open` ones are answered to people who are not signed in, too. */
export const routes = [
  { method: 'GET', path: '/api/config', open: true, handle: ({ office }) => json(configuration(office)) },
  { method: 'GET', path: '/api/session', open: true, handle: ({ session }) => json(about(session)) },
  { method: 'POST', path: '/api/session/demo', open: true, handle: ({ office }) => signedIn(office, users[0], 'demo') },
  { method: 'POST', path: '/api/session/token', open: true, handle: signInWithToken },
  {
    method: 'DELETE',
    path: '/api/session',
    open: true,
    handle: ({ office, request }) => json(about(null), 200, { 'set-cookie': office.sessions.end(request) }),
  },
  { method: 'POST', path: '/api/nonce', open: true, handle: ({ office }) => json({ nonce: office.nonces.make() }) },
  {
    method: 'POST',
    path: '/api/proof',
    open: true,
    handle: ({ office, request }) => verdictOn(request, (evidence) => office.agentKeys.check(evidence, expected(office))),
  },
  {
    method: 'POST',
    path: '/api/enrolment',
    open: true,
    handle: ({ office, request }) => verdictOn(request, (evidence) => office.agentKeys.enrol(evidence, expected(office))),
  },
  { method: 'GET', path: '/api/letters', handle: async ({ office }) => json(await office.letters.list()) },
  { method: 'GET', path: '/api/letters/:id/file', handle: ({ office, id }) => pdf(office.letters.original(id), `${id}.pdf`) },
  { method: 'GET', path: '/api/letters/:id/signed', handle: async ({ office, id }) => pdf(await office.letters.signed(id), `${id}-ttd.pdf`) },
  { method: 'PUT', path: '/api/letters/:id/signed', handle: storeSigned },
  { method: 'GET', path: '/api/batches', handle: ({ office, user }) => json(office.batches.of(user).map(toPage)) },
  { method: 'POST', path: '/api/batches', handle: beginBatch },
  { method: 'POST', path: '/api/batches/:id/order', handle: order },
  {
    method: 'DELETE',
    path: '/api/batches/:id',
    handle: ({ office, user, id }) => {
      office.batches.end(user, id);
      return json({});
    },
  },
  // the QR code of a printed letter leads anybody here
  {
    method: 'GET',
    path: '/cek/:id',
    open: true,
    handle: async ({ office, request, id }) => page(checkPage(await office.letters.find(id), languageOf(request))),
  },
  { method: 'GET', path: '/cek/:id/surat', open: true, handle: async ({ office, id }) => pdf(await office.letters.signed(id), `${id}-ttd.pdf`) },
];

function configuration({ agentPorts, loginAnchors, orderKey }) {
  return { agentPorts, tokenLogin: loginAnchors.length > 0, orders: orderKey !== null, purpose, taskKind };
}

function expected({ origin, agentPorts, nonces }) {
  return { origin, ports: agentPorts, nonce: (nonce) => nonces.use(nonce) };
}

/** The page is told the reason and the sentence; what exactly was wrong stands in the log. */
async function verdictOn(request, judge) {
  const verdict = await judge(await readJson(request));
  if (verdict.ok) return json({ ok: true });
  const { reason, message, userMessage } = verdict;
  console.error(`refused agent: ${reason}: ${message}`);
  return json({ ok: false, reason, userMessage: userMessage[languageOf(request)] });
}

function about(session) {
  return { user: session && { ...session.user, how: session.how } };
}

function signedIn({ sessions }, user, how) {
  return json(about({ user, how }), 200, { 'set-cookie': sessions.begin(user, how) });
}

/** A demo knows its official by the name in the certificate; a real register would hold the number in its serialNumber, or the certificate itself. */
async function signInWithToken({ office, request }) {
  const { origin, nonces, loginAnchors } = office;
  if (loginAnchors.length === 0) throw new Refusal(404, 'S-LOGIN-TOKEN-TIDAK-ADA');
  const { challengeNonce, token } = await readJson(request);
  const verdict = await verifyAuthentication(token, { origin, challengeNonce, useNonce: (nonce) => nonces.use(nonce), anchors: loginAnchors });
  if (!verdict.ok) {
    console.error(`refused login: ${verdict.reason}: ${verdict.message}`);
    throw Object.assign(new Refusal(403, 'S-LOGIN-DITOLAK'), { userMessage: verdict.userMessage[languageOf(request)] });
  }
  const user = users.find(({ name }) => name === verdict.commonName);
  if (!user) throw new Refusal(403, 'S-PENGGUNA-TIDAK-DIKENAL');
  return signedIn(office, user, 'token');
}

async function storeSigned({ office, request, id }) {
  if (request.headers['content-type'] !== 'application/pdf') throw new Refusal(415, 'S-JENIS-ISI-SALAH');
  return json(await office.letters.storeSigned(id, await readBody(request, largestLetter)));
}

async function beginBatch({ office, request, user }) {
  const { letters } = await readJson(request);
  const isList = Array.isArray(letters) && letters.length > 0 && letters.length <= 1000 && new Set(letters).size === letters.length;
  if (!isList || !letters.every((id) => typeof id === 'string')) throw new Refusal(400, 'S-PERMINTAAN-TIDAK-SAH');
  const signed = await Promise.all(letters.map((id) => office.letters.isSigned(id)));
  if (signed.includes(true)) throw new Refusal(409, 'S-SUDAH-DITANDATANGANI');
  return json(toPage(office.batches.begin(user, letters, { ordered: !office.orderKey })), 201);
}

/** The order names the drafts as this server knows them, so the page cannot have anything else signed in the user's name. */
function order({ office, user, id }) {
  const batch = office.batches.find(user, id);
  if (!office.orderKey) throw new Refusal(404, 'S-TIDAK-DITEMUKAN');
  office.batches.markOrdered(batch);
  const documents = batch.letters.map((letter) => office.letters.digest(letter));
  return json({ order: makeOrder({ key: office.orderKey, origin: office.origin, user: user.name, purpose, taskKind, documents }) });
}

function toPage({ id, letters, createdAt, ordered }) {
  return { id, letters, createdAt, ordered };
}

function json(value, status = 200, more = {}) {
  return { status, headers: { ...headersOfAnswer, 'content-type': 'application/json; charset=utf-8', ...more }, body: JSON.stringify(value) };
}

function pdf(body, name) {
  return { headers: { ...headersOfPdf, 'content-type': 'application/pdf', 'content-disposition': `inline; filename="${name}"` }, body };
}

function page(body) {
  return { headers: { ...headersOfPage, 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', vary: 'cookie' }, body };
}
