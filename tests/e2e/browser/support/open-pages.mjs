// What the open pages show when a scene fails: a wait that ran out says what did not come, this says what was there instead.
import { within } from './bounded.mjs';

const most = 1_500; // characters of one page

/** One paragraph a page of this Chromium. A page that does not answer is told of, too. */
export async function openPages(chromium) {
  const told = (chromium?.stopped ? [] : chromium?.context.pages() ?? []).map((page) => within(5_000, 'the page answers', page.evaluate(() => {
    const focused = document.activeElement;
    const marks = [...document.querySelectorAll('[data-state],[data-phase]')].filter((one) => one.getClientRects().length > 0)
      .map(({ dataset }) => `${dataset.testid}: ${dataset.state ?? ''}${dataset.phase ?? ''}`);
    return { focused: focused?.dataset.testid ?? focused?.outerHTML.slice(0, 120), attentive: document.hasFocus(), marks, words: document.body.innerText };
  })).then(({ focused, attentive, marks, words }) => `page ${page.url()} (focus on ${focused}${attentive ? '' : ', without the keyboard'})\n`
    + `${marks.join(', ')}\n${words.replace(/\n+/g, ' | ').slice(0, most)}\n`, (error) => `page ${page.url()}: ${error.message}\n`));
  return (await Promise.all(told)).join('');
}
