// axe-core in the page: what it finds wrong with the view at hand, by WCAG 2.2 A and AA and by good practice.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from './places.mjs';

const source = readFileSync(createRequire(join(root, 'web/package.json')).resolve('axe-core/axe.min.js'), 'utf8');

/** One line a violation; none is what the tests want. */
export async function violations(page) {
  await page.evaluate(source); // from outside, as a browser's extension would: the page's own policy lets no such script in
  const found = await page.evaluate(async () =>
    (await axe.run(document, { iframes: false, resultTypes: ['violations'] })).violations.map(
      ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
    ),
  );
  return found;
}
