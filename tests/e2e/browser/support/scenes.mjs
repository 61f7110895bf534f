// A test file is a world and scenes in it. After each scene the person has left, the pages are closed and the token behaves.
import { after, before, test } from 'node:test';

import { openPages } from './open-pages.mjs';
import { World } from './world.mjs';

/** `wish` is that of `of.start`, World's where no other is named; `ending` ends what the file itself began. */
export function scenes({ ending = () => {}, of = World, ...wish } = {}) {
  let world;
  before(async () => { world = await of.start(wish); }, { timeout: 120_000 });
  after(async () => { ending(); await world?.stop(); }, { timeout: 120_000 });
  return (sentence, play) => test(sentence, { timeout: 120_000 }, async () => {
    try {
      await play(world);
    } catch (error) {
      console.error(`--- ${sentence}\n${world.account()}${await openPages(world.chromium)}---`);
      throw error;
    } finally {
      await world.tidy();
    }
  });
}
