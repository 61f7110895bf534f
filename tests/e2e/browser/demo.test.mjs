// ./dev demo, as somebody without a terminal runs it.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Child, run } from './support/child.mjs';
import { program } from './support/places.mjs';

const demo = fileURLToPath(new URL('demo.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'jurukunci-demo-'));
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

const args = (out) => [demo, '--bin', join(program('jurukuncid'), '..'), '--out', join(folder, out)];
const options = { timeout: 60_000 };

test('The demo signs a letter the way the page does, leaves letter, report and picture, and ends with both verdicts', options, async () => {
  const { code, stdout, text } = await run(process.execPath, args('plain'), { milliseconds: 50_000 });
  assert.equal(code, 0, text);
  assert.match(stdout, /dijawab "ya" oleh program jurukunci-test-prompter, bukan oleh orang/);
  const last = stdout.trim().split('\n').slice(-2);
  assert.match(last[0], /^ +Jurukunci +SAH \(valid\)/);
  assert.match(last[1], /^ +pdfsig +SAH \(valid\): Signature is Valid\. Total document signed\.$/);

  const report = JSON.parse(readFileSync(join(folder, 'plain/report.json'), 'utf8'));
  assert.equal(report.valid, true);
  assert.equal(report.verdicts.jurukunci.report.conclusion, 'valid');
  assert.equal(report.consent.answeredBy, 'jurukunci-test-prompter');
  assert.equal(report.consent.question.origin, report.page.origin);
  assert.equal(report.consent.question.orderedFor, 'Jana Kusuma');
  for (const [name, verdict] of Object.entries(report.verdicts)) assert.equal(verdict.valid, true, name);
  assert.equal(readFileSync(join(folder, 'plain/signed.pdf')).subarray(0, 5).toString(), '%PDF-');
  assert.deepEqual([...readFileSync(join(folder, 'plain/page.png')).subarray(1, 4)], [...Buffer.from('PNG')]);
});

test('A demo whose signature another judge calls invalid says so and fails', options, async () => {
  const judges = join(folder, 'judges');
  mkdirSync(judges);
  writeFileSync(join(judges, 'pdfsig'), '#!/bin/sh\necho "  - Total document signed"\necho "  - Signature Validation: Digest Mismatch."\n');
  chmodSync(join(judges, 'pdfsig'), 0o755);
  const { code, stdout, text } = await run(process.execPath, args('judged'), { env: { PATH: `${judges}:${process.env.PATH}` }, milliseconds: 50_000 });
  assert.equal(code, 1, text);
  assert.match(stdout.trim().split('\n').at(-1), /pdfsig +TIDAK SAH \(not valid\): Digest Mismatch\./);
  assert.equal(JSON.parse(readFileSync(join(folder, 'judged/report.json'), 'utf8')).valid, false);
});

test('With --serve it says where the page is and with which PIN, goes on until Ctrl-C, and then leaves nothing running', options, async () => {
  const serving = new Child(process.execPath, [...args('serve'), '--serve']);
  const [, port] = await serving.says(/Halaman \(page\) +https:\/\/eoffice\.jurukunci\.test:(\d+)\//, { milliseconds: 50_000 });
  await serving.says(/Passphrase \(PIN\) +uji-1234/);
  await serving.says(/chromium .*--ignore-certificate-errors-spki-list=\S{44} .*--host-resolver-rules=/);
  const [, agentPort] = await serving.says(/Agen \(agent\) +http:\/\/127\.0\.0\.1:(\d+)/);

  const second = await run(process.execPath, args('serve'));
  assert.equal(second.code, 1);
  assert.match(second.text, /a demo is running in/);

  const listeners = async () => (await run('ss', ['-Hltn', `( sport = :${port} or sport = :${agentPort} )`])).stdout.trim().split('\n').filter(Boolean);
  assert.ok((await listeners()).length >= 2);
  serving.signal('SIGINT');
  const { code } = await serving.ended(40_000);
  assert.equal(code, 0, serving.output);
  assert.deepEqual(await listeners(), []);
});
