import { byId } from './element';

let timer: ReturnType<typeof setTimeout> | undefined;
let last = 0;
const least = 3000;

/** Tells people who listen. What comes faster than it can be spoken gives way to what is newer. */
export function announce(text: string): void {
  clearTimeout(timer);
  const speakNow = () => {
    last = Date.now();
    byId('announcements').textContent = text;
  };
  const wait = last + least - Date.now();
  if (wait <= 0) speakNow();
  else timer = setTimeout(speakNow, wait);
}
