const date = new Intl.DateTimeFormat('id-ID', { dateStyle: 'long', timeStyle: 'short', timeZone: 'Asia/Jakarta' });

/** Where the QR code of a letter leads. It tells what is stored here; it does not judge the paper in the reader's hand. */
export function checkPage(letter) {
  const { kind, title, number, signed } = letter;
  return `<!doctype html>
<html lang="id">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pemeriksaan surat ${text(number)}</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/check.css">
<main>
  <p class="office">Pemerintah Kota Pekalongan</p>
  <h1>${text(title)}</h1>
  <dl>
    <dt>Jenis</dt><dd>${text(kind)}</dd>
    <dt>Nomor</dt><dd>${text(number)}</dd>
    <dt>Status</dt><dd>${signed ? 'Tersimpan sebagai surat yang ditandatangani secara elektronik' : 'Belum ditandatangani'}</dd>
    ${signed ? `<dt>Disimpan</dt><dd>${text(date.format(new Date(signed.storedAt)))} WIB</dd>
    <dt>SHA-256</dt><dd class="digest">${text(signed.sha256)}</dd>` : ''}
  </dl>
  ${signed ? `<p><a class="button" href="${text(signed.url)}">Buka surat yang tersimpan</a></p>
  <p class="note">Bandingkan surat yang Anda terima dengan surat yang tersimpan ini. Halaman ini tidak memeriksa tanda tangan di dalam
  berkas Anda; untuk itu gunakan aplikasi pemeriksa dokumen.</p>` : ''}
</main>
</html>
`;
}

function text(value) {
  return String(value).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
