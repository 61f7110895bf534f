import { headersOfAnswer, headersOfPage } from './headers.mjs';
import { Refusal } from './refusal.mjs';
import { routes } from './routes.mjs';
import { languageOf, words } from './words.mjs';

/** Makes the request listener; `office` is what main.mjs puts together. */
export function answering(office) {
  return async (request, response) => {
    let answer;
    try {
      answer = await answerTo(request, office);
    } catch (error) {
      if (!(error instanceof Refusal)) console.error(error);
      const { status, code, userMessage } = error instanceof Refusal ? error : Refusal.fault();
      const body = JSON.stringify({ error: { code, userMessage: userMessage ?? words[languageOf(request)][code] } });
      answer = { status, headers: { ...headersOfAnswer, 'content-type': 'application/json; charset=utf-8' }, body };
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
  if (`https://${request.headers.host}` !== office.origin) throw new Refusal(421, 'S-ALAMAT-SALAH');
  const path = request.url.split('?', 1)[0];
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const file = office.page.get(path);
  if (file && method === 'GET') return { headers: { ...headersOfPage, 'content-type': file.type, 'cache-control': file.cache }, body: file.body };
  const there = routes.map((route) => ({ ...route, found: match(route.path, path) })).filter(({ found }) => found);
  if (there.length === 0) throw new Refusal(404, 'S-TIDAK-DITEMUKAN');
  const route = there.find((one) => one.method === method);
  if (!route) throw new Refusal(405, 'S-METODE-SALAH');
  // browsers always send Origin with these; the cookie is SameSite=Strict besides
  if (method !== 'GET' && request.headers.origin !== office.origin) throw new Refusal(403, 'S-ASAL-SALAH');
  const session = office.sessions.find(request);
  if (!route.open && !session) throw new Refusal(401, 'S-BELUM-MASUK');
  return route.handle({ office, request, session, user: session?.user, id: route.found.id });
}

function match(pattern, path) {
  const [prefix, suffix] = pattern.split(':id');
  if (suffix === undefined) return pattern === path ? {} : null;
  if (!path.startsWith(prefix) || !path.endsWith(suffix)) return null;
  const id = path.slice(prefix.length, path.length - suffix.length);
  return /^[a-z0-9-]+$/.test(id) ? { id } : null;
}
