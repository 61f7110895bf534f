import { day, dateAndTime } from './dates';
import { element } from './element';
import type { Letter } from './office';

export interface CardActions {
  onSign: () => void;
  onLook: (event: MouseEvent) => void;
}

/** One letter of the inbox. `activity` is where progress, result or error of this letter appear. */
export function letterCard(letter: Letter, activity: HTMLElement, { onSign, onLook }: CardActions): HTMLElement {
  const { id, kind, title, number, sender, date, pages, signed, url } = letter;
  return element('article', { class: 'letter', testid: `letter-${id}`, attributes: { 'aria-labelledby': `title-${id}`, 'data-status': signed ? 'signed' : 'waiting' } }, [
    element('p', { class: 'letter-top' }, [
      element('span', { class: 'kind', text: kind }),
      element('span', { class: `chip ${signed ? 'good' : ''}`, testid: `status-${id}`, text: signed ? 'Ditandatangani' : 'Menunggu tanda tangan' }),
    ]),
    element('h2', { text: title, attributes: { id: `title-${id}` } }),
    element('ul', { class: 'facts' }, [`Nomor ${number}`, sender, day(date), `${pages} halaman`].map((text) => element('li', { text }))),
    signed && element('p', { class: 'stored', text: `Disimpan ${dateAndTime(signed.storedAt)}` }),
    element('p', { class: 'actions' }, [
      !signed && element('button', { class: 'button', text: 'Tanda tangani', testid: `sign-${id}`, attributes: { type: 'button', 'aria-describedby': `title-${id}` }, onClick: onSign }),
      element('a', {
        class: 'quiet', text: signed ? 'Lihat surat bertanda tangan' : 'Lihat surat', testid: `look-${id}`,
        attributes: { href: signed?.url ?? url, target: '_blank', rel: 'noopener', 'aria-describedby': `title-${id}` }, onClick: onLook,
      }),
    ]),
    activity,
  ]);
}
