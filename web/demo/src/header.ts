import { button, element, redraw } from './element';
import type { User } from './office';
import { language, say, speak, type Language } from './words';

export interface Place {
  user: User | null;
  page: 'inbox' | 'verify';
}

/** City, pages, who is signed in, language. */
export function showHeader(top: HTMLElement, { user, page }: Place, onSignOut: () => void): void {
  const link = (which: Place['page'], href: string, text: string) =>
    element('a', { text, testid: `to-${which}`, attributes: { href, 'aria-current': page === which ? 'page' : null } });
  const speaks = (which: Language, text: string, name: string) =>
    button(text, () => speak(which), {
      class: 'language',
      testid: `language-${which}`,
      attributes: { lang: which, 'aria-pressed': String(language === which), 'aria-label': `${text}, ${name}` },
    });
  redraw(
    top,
    element('div', { class: 'wide' }, [
      element('div', { class: 'brand' }, [
        element('p', { class: 'city', text: say('header.city') }),
        element('p', { class: 'app', text: 'E-Office' }),
      ]),
      element('p', { class: 'demo', text: say('header.demo') }),
      element('div', { class: 'who' }, [
        element('div', { class: 'languages', attributes: { role: 'group', 'aria-label': say('header.language') } }, [
          speaks('id', 'ID', 'Bahasa Indonesia'),
          speaks('en', 'EN', 'English'),
        ]),
        user &&
          element('p', { class: 'user', testid: 'user', attributes: { 'data-how': user.how } }, [
            element('b', { text: user.name }),
            element('span', { text: user.position, attributes: { lang: 'id' } }),
          ]),
        user && button(say('header.sign-out'), onSignOut, { class: 'quiet on-dark', testid: 'sign-out' }),
      ]),
      user &&
        element('nav', { attributes: { 'aria-label': say('header.pages') } }, [
          link('inbox', '#/', say('header.inbox')),
          link('verify', '#/periksa', say('header.verify')),
        ]),
    ]),
  );
}
