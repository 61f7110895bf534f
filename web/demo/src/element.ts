export type Child = Node | string | null | false;

interface Properties {
  class?: string;
  text?: string;
  testid?: string;
  /** Attributes as they are written in HTML, `data-…` and `aria-…` too; null leaves one out. */
  attributes?: Record<string, string | null>;
  onClick?: (event: MouseEvent) => void;
}

/** Text becomes text nodes only: what agent or server say is never read as HTML. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  { class: classes, text, testid, attributes = {}, onClick }: Properties = {},
  children: Child[] = [],
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  if (text !== undefined) made.textContent = text;
  if (testid) made.dataset['testid'] = testid;
  for (const [name, value] of Object.entries(attributes)) if (value !== null) made.setAttribute(name, value);
  if (onClick) made.addEventListener('click', onClick as (event: Event) => void);
  made.append(...children.filter((child): child is Node | string => child !== null && child !== false));
  return made;
}

export function button(
  text: string,
  onClick: () => void,
  { class: classes = 'quiet', testid, attributes = {} }: Omit<Properties, 'text' | 'onClick'> = {},
): HTMLButtonElement {
  return element('button', { class: classes, text, ...(testid && { testid }), attributes: { type: 'button', ...attributes }, onClick });
}

export function paragraph(text: string, classes = ''): HTMLParagraphElement {
  return element('p', { text, ...(classes && { class: classes }) });
}

/** A sign before a word, so that no state is told by colour alone. The word carries it for screen readers. */
export function sign(which: string): HTMLElement {
  return element('span', { class: `sign sign-${which}`, attributes: { 'aria-hidden': 'true' } });
}

export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no #${id}`);
  return found;
}

/** Draws a view again without losing the place of a person who works with the keyboard: the same mark gets the focus back. */
export function redraw(place: HTMLElement, ...children: Child[]): void {
  const focused = place.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset['testid'] : undefined;
  place.replaceChildren(...children.filter((child): child is Node | string => child !== null && child !== false));
  if (focused) place.querySelector<HTMLElement>(`[data-testid="${focused}"]:not(:disabled)`)?.focus({ preventScroll: true });
}
