import { readBody, readJson } from './body.mjs';
import { checkPage } from './check-page.mjs';
import { headersOfAnswer, headersOfPage, headersOfPdf } from './headers.mjs';
import { Refusal } from './refusal.mjs';

const largestLetter = 32 * 1024 * 1024;

/** Every address the server knows; what is not here does not exist. `:id` is a letter. */
const routes = [
  ['GET', '/api/config', ({ agentPorts }) => json({ agentPorts })],
  ['GET', '/api/letters', async ({ letters }) => json(await letters.list())],
  ['GET', '/api/letters/:id/file', async ({ letters }, { id }) => pdf(await letters.original(id), `${id}.pdf`)],
  ['GET', '/api/letters/:id/signed', async ({ letters }, { id }) => pdf(await letters.signed(id), `${id}-ttd.pdf`)],
  ['PUT', '/api/letters/:id/signed', storeSigned],
  ['POST', '/api/nonce', ({ nonces }) => json({ nonce: nonces.make() })],
  ['POST', '/api/proof', checkProof],
  ['GET', '/cek/:id', async ({ letters }, { id }) => page(await letters.find(id).then(checkPage))],
];

/** Makes the request listener; `office` is what main.mjs puts together. */
export function answering(office) {
  return async (request, response) => {
    let answer;
    try {
      answer = await answerTo(request, office);
    } catch (error) {
      if (!(error instanceof Refusal)) console.error(error);
      const { status, code, userMessage } = error instanceof Refusal ? error : Refusal.fault();
      answer = json({ error: { code, userMessage } }, status);
    }
    const { status = 200, headers, body } = answer;
    const length = { 'content-length': Buffer.byteLength(body) };
    // a refused body may still be on its way; reading it to the end would be a favour to whoever sends too much
    const close = request.complete ? {} : { connection: 'close' };
    response.writeHead(status, { ...headers, ...length, ...close }).end(request.method === 'HEAD' ? undefined : body);
  };
}

async function answerTo(request, office) {
  // nobody is answered under a name that is not ours: a strange name that leads here is an attack on the page's origin
  if (`https://${request.headers.host}` !== office.origin) throw new Refusal(421, 'S-ALAMAT-SALAH', 'Alamat server salah.');
  const path = request.url.split('?', 1)[0];
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const file = office.page.get(path);
  if (file && method === 'GET') return { headers: { ...headersOfPage, 'content-type': file.type, 'cache-control': file.cache }, body: file.body };
  const there = routes.map(([verb, pattern, handle]) => ({ verb, handle, found: match(pattern, path) })).filter(({ found }) => found);
  if (there.length === 0) throw new Refusal(404, 'S-TIDAK-DITEMUKAN', 'Halaman tidak ditemukan.');
  const route = there.find(({ verb }) => verb === method);
  if (!route) throw new Refusal(405, 'S-METODE-SALAH', 'Permintaan tidak dikenal.');
  // browsers always send Origin with these; there is no log-in in the demo, so this is all that keeps other pages out
  if (method !== 'GET' && request.headers.origin !== office.origin) throw new Refusal(403, 'S-ASAL-SALAH', 'Permintaan berasal dari halaman lain.');
  return route.handle(office, route.found, request);
}

function match(pattern, path) {
  const [prefix, suffix] = pattern.split(':id');
  if (suffix === undefined) return pattern === path ? {} : null;
  if (!path.startsWith(prefix) || !path.endsWith(suffix)) return null;
  const id = path.slice(prefix.length, path.length - suffix.length);
  return /^[a-z0-9-]+$/.test(id) ? { id } : null;
}

async function storeSigned({ letters }, { id }, request) {
  if (request.headers['content-type'] !== 'application/pdf') throw new Refusal(415, 'S-JENIS-ISI-SALAH', 'Berkas harus PDF.');
  return json(await letters.storeSigned(id, await readBody(request, largestLetter)));
}

async function checkProof({ nonces, agentKey, agentPorts, origin }, _, request) {
  const evidence = await readJson(request);
  const fresh = nonces.use(evidence.nonce);
  return json(fresh && agentPorts.includes(evidence.port) ? agentKey.check(evidence, origin) : { ok: false, known: false });
}

function json(value, status = 200) {
  return { status, headers: { ...headersOfAnswer, 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(value) };
}

function pdf(body, name) {
  return { headers: { ...headersOfPdf, 'content-type': 'application/pdf', 'content-disposition': `inline; filename="${name}"` }, body };
}

function page(body) {
  return { headers: { ...headersOfPage, 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }, body };
}
