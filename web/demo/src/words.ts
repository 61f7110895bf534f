import en from './words/en.json';
import id from './words/id.json';

export type Language = 'id' | 'en';
export type Key = keyof typeof id;
/** Texts that are counted have two forms in English and one in Indonesian; both dictionaries spell out both. */
export type Counted = Key extends infer K ? (K extends `${infer Stem}.one` ? Stem : never) : never;

const dictionaries: Record<Language, Record<Key, string>> = { id, en };
const locales: Record<Language, string> = { id: 'id-ID', en: 'en-GB' };
const listeners: (() => void)[] = [];

export let language: Language = /(?:^|;\s*)bahasa=en(?:;|$)/.test(document.cookie) ? 'en' : 'id';

export function say(key: Key, values: Record<string, string | number> = {}): string {
  return dictionaries[language][key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

export function count(stem: Counted, n: number, values: Record<string, string | number> = {}): string {
  const form = new Intl.PluralRules(locales[language]).select(n) === 'one' ? 'one' : 'other';
  return say(`${stem}.${form}` as Key, { n: new Intl.NumberFormat(locales[language]).format(n), ...values });
}

/** What only one of the languages knows, such as a word of a newer agent, is shown as it came. */
export function sayIfKnown(key: string, otherwise: string): string {
  return key in dictionaries[language] ? say(key as Key) : otherwise;
}

export function day(date: string): string {
  return new Intl.DateTimeFormat(locales[language], { dateStyle: 'long', timeZone: 'Asia/Jakarta' }).format(new Date(date));
}

export function dateAndTime(time: string): string {
  return `${new Intl.DateTimeFormat(locales[language], { dateStyle: 'long', timeStyle: 'short', timeZone: 'Asia/Jakarta' }).format(new Date(time))} WIB`;
}

export function clock(time: string): string {
  return `${new Intl.DateTimeFormat(locales[language], { timeStyle: 'short', timeZone: 'Asia/Jakarta' }).format(new Date(time))} WIB`;
}

/** The cookie is for the server's own pages, which come without script. */
export function speak(wanted: Language): void {
  language = wanted;
  document.cookie = `bahasa=${wanted}; Path=/; Max-Age=31536000; SameSite=Lax; Secure`;
  document.documentElement.lang = wanted;
  for (const listener of listeners) listener();
}

export function onLanguage(listener: () => void): void {
  listeners.push(listener);
}
