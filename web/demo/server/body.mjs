import { Refusal } from './refusal.mjs';

const largestJson = 64 * 1024;

export async function readBody(request, limit) {
  const tooLarge = () => new Refusal(413, 'S-TERLALU-BESAR');
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const chunks = [];
  let size = 0;
  // not `for await`: leaving that loop would destroy the connection before the refusal is sent
  await new Promise((resolve, reject) => {
    request.on('data', (chunk) => {
      chunks.push(chunk);
      if ((size += chunk.length) <= limit) return;
      request.pause();
      reject(tooLarge());
    });
    request.on('end', resolve);
    request.on('error', reject);
    request.on('close', () => reject(new Refusal(400, 'S-PERMINTAAN-TERPUTUS')));
  });
  return Buffer.concat(chunks);
}

export async function readJson(request) {
  const wrong = () => new Refusal(400, 'S-PERMINTAAN-TIDAK-SAH');
  if (request.headers['content-type'] !== 'application/json') throw new Refusal(415, 'S-JENIS-ISI-SALAH');
  const body = await readBody(request, largestJson);
  try {
    const value = JSON.parse(body.toString('utf8'));
    if (typeof value !== 'object' || value === null) throw wrong();
    return value;
  } catch {
    throw wrong();
  }
}
