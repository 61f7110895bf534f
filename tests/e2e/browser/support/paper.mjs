// How a PDF looks on paper, one pixel a point, by pdftoppm.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { mustRun } from './child.mjs';

export const pageImage = (file, page) => grey(file, page, []);

/** How many pixels of a place are nearer to black than to white; x and y from the upper left corner. */
export async function darkPixels(file, { page, x, y, width, height }) {
  const image = await grey(file, page, ['-x', x, '-y', y, '-W', width, '-H', height]);
  return image.reduce((count, value) => count + (value < 128 ? 1 : 0), 0);
}

async function grey(file, page, place) {
  const folder = mkdtempSync(join(tmpdir(), 'jurukunci-paper-'));
  try {
    await mustRun('pdftoppm', ['-gray', '-r', 72, '-f', page, '-l', page, '-singlefile', ...place, file, join(folder, 'page')].map(String));
    const pgm = readFileSync(join(folder, 'page.pgm'));
    const header = /^P5\s+\d+\s+\d+\s+255\s/.exec(pgm.subarray(0, 40).toString('latin1'))[0];
    return pgm.subarray(header.length);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
