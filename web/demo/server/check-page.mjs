import { words } from './words.mjs';

const formats = { id: 'id-ID', en: 'en-GB' };

/** Where the QR code of a letter leads. It tells what is stored here; it does not judge the paper in the reader's hand. */
export function checkPage(letter, language) {
  const { id, kind, title, number, signed } = letter;
  const say = (key) => text(words[language][key].replace('{number}', number));
  const date = new Intl.DateTimeFormat(formats[language], { dateStyle: 'long', timeStyle: 'short', timeZone: 'Asia/Jakarta' });
  return `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${say('check.title')}</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/check.css">
<main>
  <p class="office">${say('city')}</p>
  <h1 lang="id">${text(title)}</h1>
  <dl>
    <dt>${say('check.kind')}</dt><dd lang="id">${text(kind)}</dd>
    <dt>${say('check.number')}</dt><dd>${text(number)}</dd>
    <dt>${say('check.status')}</dt><dd>${say(signed ? 'check.signed' : 'check.waiting')}</dd>
    ${
      signed
        ? `<dt>${say('check.stored')}</dt><dd>${text(date.format(new Date(signed.storedAt)))} WIB</dd>
    <dt>SHA-256</dt><dd class="digest">${text(signed.sha256)}</dd>`
        : ''
    }
  </dl>
  ${
    signed
      ? `<p><a class="button" href="/cek/${text(id)}/surat">${say('check.open')}</a></p>
  <p class="note">${say('check.note')}</p>`
      : ''
  }
</main>
</html>
`;
}

function text(value) {
  return String(value).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
