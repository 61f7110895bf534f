// The main job: a letter on the e-office's page, one click, one consent, one PIN, a signed letter.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import * as judges from './support/judges.mjs';
import { darkPixels, pageImage } from './support/paper.mjs';
import { scenes } from './support/scenes.mjs';

const scene = scenes();
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

async function signAndJudge(world, letter) {
  const person = await world.person('yes');
  const before = await world.audit.head();
  const page = await world.readyPage();
  await page.sign(letter);
  const { result, error } = await page.outcome();
  assert.ok(result, `${error?.code}: ${error?.message}`);
  assert.equal(result.signer, 'Jana Kusuma');
  assert.equal(result.marking, 'TOKEN UJI – TIDAK SAH');
  assert.equal(result.conclusion, 'valid');
  await page.untilStatus(letter, 'signed');

  const draft = world.office.draft(letter), file = world.office.signedFile(letter), signed = readFileSync(file);
  assert.ok(signed.length > draft.length && signed.subarray(0, draft.length).equals(draft), 'the draft is the beginning of the signed letter');
  const pdfsig = await judges.pdfsig(file);
  assert.ok(pdfsig.valid && pdfsig.wholeDocument, pdfsig.text);
  assert.equal(pdfsig.signatures, 1);
  assert.match(pdfsig.text, /Signer Certificate Common Name: Jana Kusuma/);
  for (const verdict of [await judges.qpdfCheck(file), await judges.mutoolSign(file)]) assert.ok(verdict.valid, verdict.text);
  const openssl = await judges.opensslCms(file, world.site.rootPem, world.inside('judge'));
  assert.ok(openssl.valid && openssl.coversFile, openssl.text);

  assert.deepEqual((await world.audit.rows(before)).map(({ kind }) => kind), ['consent', 'window', 'started', 'signed', 'end']);
  const audit = await world.audit.verdict();
  assert.ok(audit.code === 0 && audit.intact, JSON.stringify(audit));
  return { page, person, draft, file, result };
}

scene('One click signs a letter: the person is shown what it is, and the page and the judges of others find the signature valid', async (world) => {
  const { page, person, draft, file, result } = await signAndJudge(world, 'undangan-rapat');

  assert.equal(person.questions.length, 1);
  const [question] = person.questions;
  assert.equal(question.application, 'e-Office Kota Pekalongan');
  assert.equal(question.origin, world.office.origin);
  assert.equal(question.certificate.commonName, 'Jana Kusuma');
  assert.equal(question.previousFault, null);
  assert.equal(question.items.length, 1);
  const { name, size, pages, digest, hashFunction, contentVisible, visibleSignature } = question.items[0];
  assert.deepEqual({ name, size, pages, digest, hashFunction, contentVisible, visibleSignature }, {
    name: 'Undangan Rapat Koordinasi Penerapan Tanda Tangan Elektronik.pdf', size: draft.length, pages: 1, digest: sha256(draft),
    hashFunction: 'SHA-256', contentVisible: true, visibleSignature: true,
  });

  // 312, 152, 220 × 72 points from the lower left corner of an A4 page, as letters.json says
  const place = { page: 1, x: 312, y: 842 - 152 - 72, width: 220, height: 72 };
  const draftFile = world.office.draftFile('undangan-rapat');
  assert.equal(await darkPixels(draftFile, place), 0, 'the draft leaves the place free');
  assert.ok(await darkPixels(file, place) > 500, 'name and QR code stand in it');

  const limits = await page.mark('not-checked').getByRole('listitem').allInnerTexts();
  assert.ok(limits.length > 0, result.verdict);
  for (const limit of limits) assert.match(limit, / /, `"${limit}" is no sentence for the person`);
});

scene('A letter without a place for the signature is signed invisibly, and looks as before', async (world) => {
  const { person, file } = await signAndJudge(world, 'nota-dinas');
  assert.equal(person.questions[0].items[0].visibleSignature, false);
  assert.ok((await pageImage(file, 1)).equals(await pageImage(world.office.draftFile('nota-dinas'), 1)));
});

scene('A letter of three pages is signed, and the person is told of all three', async (world) => {
  const { person, draft } = await signAndJudge(world, 'surat-keputusan');
  const [{ pages, digest }] = person.questions[0].items;
  assert.deepEqual({ pages, digest }, { pages: 3, digest: sha256(draft) });
});
