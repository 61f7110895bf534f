// The verification page: any PDF, and our report in words.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { scenes } from './support/scenes.mjs';

const scene = scenes();

async function signed(world, letter) {
  if (!world.office.hasSigned(letter)) {
    await world.person('yes');
    const page = await world.readyPage();
    await page.sign(letter);
    assert.ok((await page.outcome()).result);
    await page.close();
  }
  return readFileSync(world.office.signedFile(letter));
}

async function verifyPage(world) {
  const page = await world.readyPage();
  await page.mark('to-verify').click();
  await page.mark('verify-page').waitFor();
  return page;
}

/** What the page says of a file: the conclusion, and each line by its mark. */
async function verdictOn(world, page, name, bytes) {
  const file = join(world.inside('verify'), name);
  writeFileSync(file, bytes);
  await page.mark('verify-file').setInputFiles(file);
  await page.page.locator('.verify-result h2', { hasText: name }).waitFor();
  await page.mark('verify-report').waitFor();
  const text = async (mark) => ((await page.mark(mark).count()) > 0 ? page.mark(mark).first().innerText() : null);
  return {
    conclusion: await page.mark('verdict').getAttribute('data-conclusion'),
    words: await page.mark('verdict').innerText(),
    integrity: await text('integrity'),
    trust: await text('trust'),
    coverage: await text('coverage'),
    changes: await text('changes'),
    limits: await text('not-checked'),
  };
}

scene('A signed letter is reported in words: integrity, trust, coverage, changes, and what nobody checked', async (world) => {
  const bytes = await signed(world, 'nota-dinas');
  const page = await verifyPage(world);
  const { conclusion, integrity, trust, coverage, changes, limits } = await verdictOn(world, page, 'surat.pdf', bytes);
  assert.equal(conclusion, 'valid');
  assert.match(integrity, /utuh sejak ditandatangani/);
  assert.match(trust, /penerbit yang diakui/);
  assert.match(coverage, /seluruh berkas/);
  assert.match(changes, /tidak ada yang berarti/);
  assert.match(limits, /sudah dicabut/);
  assert.match(await page.mark('report-signer').innerText(), /Jana Kusuma/);
});

scene('One changed byte inside the letter: the page says that the signature does not fit', async (world) => {
  const bytes = Buffer.from(await signed(world, 'nota-dinas'));
  const draft = world.office.draft('nota-dinas');
  const at = draft.lastIndexOf('stream', draft.length - 2000) - 200; // inside the letter's own bytes
  bytes[at] ^= 1;
  const { conclusion, integrity, words } = await verdictOn(world, await verifyPage(world), 'diubah.pdf', bytes);
  assert.equal(conclusion, 'not-valid', words);
  assert.match(integrity, /tidak cocok dengan isi dokumen/);
});

scene('Something added behind the signature is told as a change', async (world) => {
  const bytes = (await signed(world, 'permohonan-1')).toString('latin1');
  const xref = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(bytes)[1]);
  const content = /(\d+) 0 obj\n<< \/Length \d+ >>\nstream\nBT/.exec(bytes)[1];
  const stream = 'BT /F2 20 Tf 71 400 Td (Disetujui) Tj ET';
  const place = bytes.length;
  const added = `${content} 0 obj\n<< /Length ${stream.length} >>\nstream\n${stream}\nendstream\nendobj\n`;
  const size = Math.max(...[...bytes.matchAll(/\/Size (\d+)/g)].map(([, number]) => Number(number)));
  const table = `xref\n${content} 1\n${String(place).padStart(10, '0')} 00000 n \ntrailer\n<< /Size ${size} /Root 1 0 R /Prev ${xref} >>\nstartxref\n${place + added.length}\n%%EOF\n`;
  const { conclusion, integrity, coverage, changes, words } = await verdictOn(
    world,
    await verifyPage(world),
    'ditambah.pdf',
    Buffer.from(bytes + added + table, 'latin1'),
  );
  assert.equal(conclusion, 'not-valid', words);
  assert.match(integrity, /diubah setelah ditandatangani/);
  assert.match(coverage, /sesudahnya ada tambahan/);
  assert.match(changes, /hal berubah setelah tanda tangan ini/);
});

scene('A file without a signature, and one that is no PDF at all, are called so', async (world) => {
  const page = await verifyPage(world);
  assert.equal((await verdictOn(world, page, 'naskah.pdf', world.office.draft('surat-keputusan'))).conclusion, 'no-signature');
  const nonsense = await verdictOn(world, page, 'bukan.pdf', Buffer.from('this is no PDF'));
  assert.equal(nonsense.conclusion, 'unreadable');
  assert.match(nonsense.words, /tidak dapat dibaca/);
});

scene('A letter that was signed here is checked from the list and from its row', async (world) => {
  await signed(world, 'nota-dinas');
  const page = await verifyPage(world);
  await page.mark('verify-letter').selectOption('nota-dinas');
  await page.mark('verify-report').waitFor();
  assert.equal(await page.mark('verdict').getAttribute('data-conclusion'), 'valid');
  await page.mark('to-inbox').click();
  await page.mark('filter-status').selectOption('signed');
  const brought = page.page.waitForRequest('**/v1/documents'); // until then the report of before stands there
  await page.mark('check-nota-dinas').click();
  await brought;
  await page.mark('verify-report').waitFor();
  assert.match(await page.page.locator('.verify-result h2').innerText(), /Penyampaian Data/);
});
