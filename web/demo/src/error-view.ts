import { JurukunciError } from '@jurukunci/client';
import { element, paragraph } from './element';
import { OfficeError } from './office';
import { say } from './words';

interface Trouble {
  code: string;
  title: string;
  userMessage: string;
  remedy?: string | null;
  citation?: string | null;
  /** The person's own decision is no fault. */
  tone: 'bad' | 'quiet';
}

const decisions = ['E-DIBATALKAN-PENANDA-TANGAN', 'E-DIBATALKAN-APLIKASI', 'E-DOKUMEN-DIKELUARKAN'];

/** What went wrong, and the next step. `title` replaces the usual one, which speaks of letters that were not signed. */
export function errorView(error: unknown, { title: wanted, more = [] }: { title?: string; more?: (HTMLElement | null)[] } = {}): HTMLElement {
  const { code, title, userMessage, remedy, citation, tone } = troubleOf(error);
  return element('div', { class: `error ${tone}`, testid: 'error', attributes: { role: 'alert', tabindex: '-1', 'data-code': code } }, [
    element('h2', { text: wanted ?? title }),
    element('p', { testid: 'error-message', text: userMessage }),
    remedy ? element('p', { testid: 'error-remedy', text: remedy }) : null,
    ...more,
    citation ? element('p', { class: 'citation', testid: 'error-citation', text: say('error.citation', { citation }) }) : null,
    paragraph(say('error.code', { code }), 'code'),
  ]);
}

function troubleOf(error: unknown): Trouble {
  if (error instanceof DOMException && error.name === 'AbortError') {
    return { code: 'L-DIBATALKAN', tone: 'quiet', title: say('error.cancelled'), userMessage: say('error.nothing-signed') };
  }
  if (error instanceof JurukunciError) {
    const { code, userMessage, remedy, citation } = error;
    const decided = decisions.includes(code);
    return { code, userMessage, remedy, citation, tone: decided ? 'quiet' : 'bad', title: say(decided ? 'error.cancelled' : 'error.not-signed') };
  }
  if (error instanceof OfficeError) {
    return { code: error.code, tone: 'bad', title: say('error.not-signed'), userMessage: error.userMessage };
  }
  console.error(error);
  return { code: 'L-KESALAHAN-HALAMAN', tone: 'bad', title: say('error.page'), userMessage: say('error.page-remedy') };
}
