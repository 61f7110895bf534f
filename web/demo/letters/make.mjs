// Prints the letters again after their HTML was changed: node letters/make.mjs [CHROMIUM]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const chromium = process.argv[2] ?? '/usr/bin/chromium';
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const largest = 150_000;

for (const { id } of JSON.parse(readFileSync(here('letters.json'), 'utf8'))) {
  const profile = mkdtempSync(join(tmpdir(), 'letters-'));
  try {
    execFileSync(chromium, [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', `--user-data-dir=${profile}`, '--no-pdf-header-footer',
      `--print-to-pdf=${here(`${id}.pdf`)}`, new URL(`${id}.html`, import.meta.url).href,
    ], { stdio: ['ignore', 'ignore', 'ignore'] });
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
  const { size } = statSync(here(`${id}.pdf`));
  console.log(`${id}.pdf ${size} bytes`);
  if (size > largest) throw new Error(`${id}.pdf is larger than ${largest} bytes`);
}
