import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.map': 'application/json',
};

/** Reads the built page once. Only what was found then is ever served, so no path can lead elsewhere. */
export function readPage(folder) {
  const page = new Map();
  const add = (at, url) => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const file = join(at, entry.name);
      if (entry.isDirectory()) add(file, `${url}${entry.name}/`);
      if (!entry.isFile() || !types[extname(entry.name)]) continue;
      const hashed = url === '/assets/';
      page.set(url + entry.name, {
        type: types[extname(entry.name)],
        body: readFileSync(file),
        cache: hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
      });
    }
  };
  add(folder, '/');
  page.set('/', page.get('/index.html'));
  if (!page.get('/')) throw new Error(`${folder} has no index.html; run "npm run build" first`);
  return page;
}
