// ./dev demo: the main job once, from the e-office's page to a signed letter, and what everybody says about it.
//
//   node demo.mjs --bin FOLDER --out FOLDER [--ask] [--serve]
//
//   --bin    our programs       --out    where signed.pdf, report.json, page.png and the demo's own world go; its earlier content is replaced
//   --ask    the person at this terminal answers (`jurukunci prompt`); without it, or without a terminal, the test prompter does
//   --serve  leaves agent, e-office and prompter running until Ctrl-C
// Ends with 0 only if Jurukunci and every other judge find the signature valid.
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { mustRun } from './support/child.mjs';
import { pageArguments } from './support/chromium.mjs';
import * as judges from './support/judges.mjs';
import { LetterPage } from './support/letter-page.mjs';
import { program } from './support/places.mjs';
import { officeHost, World } from './support/world.mjs';

const letter = 'undangan-rapat';

function readArguments() {
  try {
    const { values } = parseArgs({ options: { bin: { type: 'string' }, out: { type: 'string' }, ask: { type: 'boolean' }, serve: { type: 'boolean' } } });
    if (!values.out) throw new Error('--out is missing');
    return { ...values, out: resolve(values.out), ask: Boolean(values.ask && process.stdin.isTTY), wanted: values.ask };
  } catch (error) {
    console.error(`demo.mjs: ${error.message}\nusage: demo.mjs --bin FOLDER --out FOLDER [--ask] [--serve]`);
    process.exit(2);
  }
}

const options = readArguments();
const patience = options.ask ? 130_000 : 20_000; // people read
const inOut = (name) => join(options.out, name);
const shown = (path) => (relative(process.cwd(), path).startsWith('..') ? path : relative(process.cwd(), path) || '.');

/** What happened, for the terminal and for report.json. */
const story = [];
function tell(indonesian, english) {
  story.push({ at: new Date().toISOString(), id: indonesian, en: english });
  console.log(`${String(story.length).padStart(2)}. ${indonesian}\n    ${english}`);
}

/** Two demos in one folder would take each other's files away. */
function takeFolder() {
  const pidFile = inOut('pid');
  const other = existsSync(pidFile) ? readFileSync(pidFile, 'utf8').trim() : '';
  if (other && isDemo(other)) throw new Error(`a demo is running in ${shown(options.out)} (process ${other}); end it first`);
  for (const name of ['site', 'https', officeHost, 'judge', 'signed.pdf', 'report.json', 'page.png', 'prompter-1', 'your-chromium']) rmSync(inOut(name), { recursive: true, force: true });
  mkdirSync(options.out, { recursive: true });
  writeFileSync(pidFile, `${process.pid}\n`);
  process.on('exit', () => rmSync(pidFile, { force: true }));
}

function isDemo(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('demo.mjs');
  } catch {
    return false; // it has ended
  }
}

/** Somebody to ask: the person at this terminal, or a program that says yes. */
async function seatPrompter(world) {
  if (!options.ask) {
    await world.person('slow', 'yes', 'yes', 'slow'); // code, log-in, letter; whoever looks on with --serve then sees the dialog's time
    tell(`Persetujuan dalam demo ini dijawab "ya" oleh program jurukunci-test-prompter, bukan oleh orang${options.wanted ? ' (tidak ada terminal)' : ''}.`,
      'Consent is answered "yes" by the test prompter, not by a person; the agent accepts it only under environment "uji".');
    return { answeredBy: 'jurukunci-test-prompter' };
  }
  const prompt = spawn(program('jurukunci', options.bin), ['prompt'], { env: { ...process.env, ...world.site.environment }, stdio: 'inherit' });
  process.on('exit', () => prompt.kill('SIGKILL'));
  await world.agent.process.says(/prompter of kind terminal is here/);
  tell(`Anda yang ditanya, di terminal ini. Passphrase token uji: ${readFileSync(world.site.pinFile, 'utf8')}`, 'You are asked, in this terminal; the test PIN stands above.');
  return { answeredBy: 'the person at the terminal', end: () => prompt.kill('SIGTERM') };
}

/** The first visit: the e-office gets to know the agent, and the official logs in with the token. */
async function visit(world) {
  const page = await LetterPage.open(world.chromium, world.office.origin, { signIn: false });
  await page.untilState('unenrolled');
  await page.mark('enrol').click();
  await page.mark('pairing-code').waitFor();
  const code = (await page.mark('pairing-code').innerText()).replace(' ', '');
  const window = await world.prompter?.question();
  if (window && window.code !== code) throw new Error(`the agent's window shows ${window.code}, the page ${code}`);
  await page.mark('enrol-same').click();
  await page.untilState('ready', patience);
  const agent = await page.agentState();
  tell(`Halaman e-office ${world.office.origin} terbuka di Chromium; kode ${code} di halaman dan di jendela Jurukunci dicocokkan, dan server e-office mengenal agen ini.`,
    `The page is open in headless Chromium (own policy in a mount namespace); the code ${code} was compared, and the server knows the agent's key from now on.`);
  await page.mark('sign-in-token').click();
  await page.mark('user').waitFor({ timeout: patience });
  tell('Jana Kusuma masuk ke e-office dengan token (bukti Web eID, diperiksa server).', 'The official logged in with the token: a Web eID proof, verified by the server.');
  return { page, agent };
}

async function signOnThePage(world) {
  const { page, agent } = await visit(world);
  await page.mark(`sign-${letter}`).waitFor();
  await page.sign(letter);
  tell('Tombol "Tanda tangani" pada undangan rapat ditekan; server menandatangani perintah untuk surat ini.', '"Sign" was clicked on the first letter; the server signed an order that names this draft and this user.');
  const { result, error } = await page.outcome(patience);
  await page.picture(inOut('page.png'));
  if (!result) throw new Error(`the page shows ${error.code}: ${error.message}`);
  copyFileSync(world.office.signedFile(letter), inOut('signed.pdf'));
  tell(`Ditandatangani oleh ${result.signer} (${result.marking}); surat tersimpan di e-office. Putusan pada halaman: ${result.conclusion}.`,
    `Signed and stored; the page's verdict is "${result.conclusion}".`);
  return { agent, result };
}

async function judge(world) {
  const file = inOut('signed.pdf');
  const { code, stdout, stderr } = await world.site.jurukunci('verify', file, '--json');
  const report = code === 0 || code === 1 ? JSON.parse(stdout) : { conclusion: 'not-run', reason: stderr };
  const draft = world.office.draft(letter), signed = readFileSync(file);
  const audit = await world.audit.verdict();
  return {
    jurukunci: { command: `jurukunci verify ${shown(file)} --json`, exitCode: code, valid: code === 0 && report.conclusion === 'valid', report },
    pdfsig: { command: `pdfsig ${shown(file)}`, ...await judges.pdfsig(file) },
    openssl: { command: 'openssl cms -verify -cades (the CMS and the bytes it covers, against the demo CA)', ...await judges.opensslCms(file, world.site.rootPem, world.inside('judge')) },
    qpdf: { command: `qpdf --check ${shown(file)}`, ...await judges.qpdfCheck(file) },
    mutool: { command: `mutool sign -v ${shown(file)}`, ...await judges.mutoolSign(file) },
    originalIsPrefix: { what: 'the draft is the beginning of the signed letter, byte for byte', valid: signed.length > draft.length && signed.subarray(0, draft.length).equals(draft) },
    auditLog: { command: 'jurukunci audit verify --json', valid: audit.code === 0 && audit.intact, ...audit },
  };
}

function writeReport(world, { consent, agent, result, verdicts, valid }) {
  const files = { signed: inOut('signed.pdf'), report: inOut('report.json'), screenshot: inOut('page.png'), draft: world.office.draftFile(letter), site: world.site.folder,
    configuration: world.site.environment.JURUKUNCI_SYSCONFDIR, auditLog: join(world.site.state, 'audit.db'), anchor: world.site.rootPem, pageCa: world.certificate.ca };
  const report = { valid, environment: 'uji', marking: result.marking, happened: story, page: { origin: world.office.origin, agent, result },
    consent: { answeredBy: consent.answeredBy, question: world.prompter?.questions.find(({ kind }) => kind === 'signature') ?? null }, verdicts, files };
  writeFileSync(inOut('report.json'), `${JSON.stringify(report, null, 2)}\n`);
  console.log('\nBerkas (files):');
  for (const [name, path] of Object.entries(files)) console.log(`  ${name.padEnd(13)} ${shown(path)}`);
}

/** The two verdicts that count most come last. */
function printVerdicts({ jurukunci, pdfsig, originalIsPrefix, auditLog, ...others }) {
  const say = (name, valid, words, more = '') => console.log(`  ${name.padEnd(13)} ${words[valid ? 0 : 1]}${more}`);
  const judged = ['SAH (valid)', 'TIDAK SAH (not valid)'], kept = ['utuh (intact)', 'TIDAK UTUH (not intact)'];
  console.log('\nPutusan (verdicts); token dan CA ini hanya untuk uji, jadi tanda tangannya tidak berlaku (test token: of no legal force):');
  say('naskah asli', originalIsPrefix.valid, kept, ': awal surat bertanda tangan, byte demi byte (the original is its beginning)');
  say('catatan audit', auditLog.valid, kept, `, ${auditLog.rows} baris (rows)`);
  for (const [name, { valid }] of Object.entries(others)) say(name, valid, judged);
  say('Jurukunci', jurukunci.valid, judged, `; tidak diperiksa (not checked): ${(jurukunci.report.notChecked ?? []).join(', ')}`);
  say('pdfsig', pdfsig.valid, judged, `: ${pdfsig.said}${pdfsig.wholeDocument ? ' Total document signed.' : ''}`);
}

/** How a person opens the page: the name leads to this computer, and the certificate is known by its key. */
async function printHowToOpen(world) {
  const { port } = new URL(world.office.origin);
  const { stdout } = await mustRun('sh', ['-c', 'openssl x509 -in "$0" -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | openssl base64', world.certificate.cert]);
  const quote = (argument) => (/["'\s*~]/.test(argument) ? `'${argument}'` : argument);
  const command = ['chromium', `--user-data-dir=${inOut('your-chromium')}`, `--ignore-certificate-errors-spki-list=${stdout.trim()}`, ...pageArguments([port]), `${world.office.origin}/`];
  console.log(`
Demo tetap berjalan; Ctrl-C mengakhirinya. (Left running until Ctrl-C.)
  Halaman (page)    ${world.office.origin}/
  Agen (agent)      http://127.0.0.1:${world.agent.port}
  Passphrase (PIN)  ${readFileSync(world.site.pinFile, 'utf8')}${options.ask ? '' : '   — tidak ditanyakan: penanya uji menjawab sendiri; ./dev demo --serve --ask menanya Anda'}
Buka dengan Chromium berprofil sendiri (open it with; it asks the real permission question, choose "Allow"):
  ${command.map(quote).join(' ')}
Peramban lain (another browser): tambahkan "127.0.0.1 ${officeHost}" ke /etc/hosts dan percayai ${shown(world.certificate.ca)} selama demo.`);
}

async function main() {
  takeFolder();
  console.log('Demo Jurukunci: satu surat, dari halaman e-office sampai tanda tangan diperiksa. (One letter, from the page to the verified signature.)\n');
  const world = await World.start({ folder: options.out, bin: options.bin, enrolled: false, authentication: true });
  const interrupted = new Promise((done) => { for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, done); });
  let consent;
  try {
    tell(`Token SoftHSM2, CA uji dan profil kota dibuat; agen berjalan di 127.0.0.1:${world.agent.port}, lingkungan "uji".`, 'SoftHSM2 token, test CA and city profile made; the agent runs.');
    consent = await seatPrompter(world);
    const signed = await Promise.race([signOnThePage(world), interrupted.then(() => { throw new Error('interrupted'); })]);
    const verdicts = await judge(world);
    const valid = signed.result.conclusion === 'valid' && Object.values(verdicts).every((verdict) => verdict.valid);
    writeReport(world, { consent, ...signed, verdicts, valid });
    printVerdicts(verdicts);
    if (!valid) process.exitCode = 1;
    if (options.serve) {
      await world.closeBrowsers();
      await printHowToOpen(world);
      await interrupted;
    }
  } catch (error) {
    console.error(`\nDemo gagal (failed): ${error.message}\n${world.account()}`);
    process.exitCode = 1;
  } finally {
    consent?.end?.();
    await world.stop();
  }
}

await main().catch((error) => {
  console.error(`demo.mjs: ${error.message}`);
  process.exitCode = 1;
});
process.exit(); // Playwright keeps handles
