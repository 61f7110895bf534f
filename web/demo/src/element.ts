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

/** The button that is held down just now; `anew` where it was drawn again meanwhile, so that letting go of it is no click for the browser. */
let held: { button: HTMLButtonElement; anew: boolean } | null = null;
document.addEventListener(
  'pointerdown',
  ({ target }) => {
    const pressed = target instanceof Element ? target.closest('button') : null;
    held = pressed && { button: pressed, anew: false };
  },
  true,
);
document.addEventListener('pointercancel', () => { held = null; }, true);
document.addEventListener(
  'pointerup',
  ({ target }) => {
    const pressed = held;
    held = null;
    if (pressed?.anew && target instanceof Node && pressed.button.contains(target)) pressed.button.click();
  },
  true,
);

/** Draws a view again without losing the place of a person who works in it: the same mark gets the focus back, and a button stays held down. */
export function redraw(place: HTMLElement, ...children: Child[]): void {
  const focused = place.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset['testid'] : undefined;
  const pressed = held && place.contains(held.button) ? held.button.dataset['testid'] : undefined;
  place.replaceChildren(...children.filter((child): child is Node | string => child !== null && child !== false));
  if (focused) place.querySelector<HTMLElement>(`[data-testid="${focused}"]:not(:disabled)`)?.focus({ preventScroll: true });
  const again = pressed && place.querySelector<HTMLButtonElement>(`button[data-testid="${pressed}"]:not(:disabled)`);
  if (again && again !== held?.button) held = { button: again, anew: true };
}
