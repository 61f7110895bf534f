// Runs the PHP and Java of docs/integrasi against docs/protocol/vectors. By hand: `npm run other-languages --workspace server`; needs php-cli with
// sodium, and a JDK of 17 or later.
import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, verify } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { vectors } from './vectors.mjs';

const folder = mkdtempSync(join(tmpdir(), 'jurukunci-languages-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const document = (name) => readFileSync(new URL(`../../../../docs/integrasi/${name}`, import.meta.url), 'utf8');
const blocks = (name, language) => [...document(name).matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\n\`\`\``, 'g'))].map(([, code]) => `${code}\n`);
const run = (program, args, input) => execFileSync(program, args, { cwd: folder, input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] });

const session = vectors('session-proof'), enrolment = vectors('enrolment'), order = vectors('order');
const seed = Buffer.from(order.seed, 'base64');
const key = createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]), format: 'der', type: 'pkcs8' });
writeFileSync(join(folder, 'order-key.pem'), key.export({ format: 'pem', type: 'pkcs8' }));

/** What the vectors say that somebody must answer. */
const expectations = [
  ...session.cases.map(({ sentence, reason }) => [`session: ${sentence}`, reason]),
  ...enrolment.cases.map(({ sentence, reason }) => [`enrolment: ${sentence}`, reason]),
  ...enrolment.codes.map(({ lines, code }) => [`code: ${lines.join(' ')}`, code]),
];

function judge(language, answers, jws) {
  assert.equal(answers.length, expectations.length);
  expectations.forEach(([sentence, wanted], i) => {
    // "malformed" and "unknown key" are two ways to refuse the same thing
    const given = answers[i];
    const bothRefuse = wanted !== null && given !== null && !sentence.startsWith('code');
    assert.ok(given === wanted || bothRefuse, `${language}: ${sentence}: ${given}, not ${wanted}`);
    if (given !== wanted) console.log(`${language}: ${sentence}: ${given}, here ${wanted}`);
  });
  const [h, p, s] = jws.split('.');
  assert.deepEqual(JSON.parse(Buffer.from(h, 'base64url')), order.header);
  const payload = JSON.parse(Buffer.from(p, 'base64url'));
  assert.match(payload.jti, /^[\w-]{22}$/);
  assert.deepEqual({ ...payload, jti: order.payload.jti }, { ...order.payload, sub: 'Jana "K." Ñusa\\' });
  assert.ok(verify(null, Buffer.from(`${h}.${p}`), createPublicKey(key), Buffer.from(s, 'base64url')));
  console.log(`${language}: ${answers.length} answers as the vectors have them, and an order that verifies`);
}

{ // PHP
  const [library, api, ...laravel] = [...blocks('php.md', 'php'), ...blocks('laravel.md', 'php')];
  writeFileSync(join(folder, 'Jurukunci.php'), library);
  for (const [i, code] of [api, ...laravel].entries()) {
    writeFileSync(join(folder, `part-${i}.php`), code.startsWith('<?php') ? code : `<?php\n${code}`);
    run('php', ['-l', `part-${i}.php`]);
  }
  writeFileSync(join(folder, 'check.php'), `<?php
    require 'Jurukunci.php';
    [$session, $enrolment, $order] = json_decode(stream_get_contents(STDIN), true);
    $e = $session['expected'];
    $ours = new Jurukunci($e['origin'], $e['minimumVersion']);
    $answers = array_map(fn ($c) => $ours->sessionFault($c['evidence'], $e['nonce'], [$e['publicKey']], strtotime($e['now'])), $session['cases']);
    foreach ($enrolment['cases'] as $c) $answers[] = $ours->enrolmentFault($c['evidence'], $enrolment['expected']['nonce']);
    foreach ($enrolment['codes'] as $c) $answers[] = (new Jurukunci($c['lines'][1]))->enrolmentCode($c['lines'][2], $c['lines'][3]);
    ['taskKind' => $task, 'documents' => $documents, 'iat' => $iat] = $order['payload'];
    $jws = $ours->order(file_get_contents('order-key.pem'), 'Jana "K." Ñusa\\\\', $task, $documents, now: $iat);
    echo json_encode([$answers, $jws]);`);
  judge('PHP', ...JSON.parse(run('php', ['check.php'], JSON.stringify([session, enrolment, order]))));
  // in a namespace, as laravel.md has it, names that are not written out would be looked for there
  writeFileSync(join(folder, 'Named.php'), library.replace('declare(strict_types=1);', 'declare(strict_types=1);\nnamespace App\\Services;'));
  writeFileSync(join(folder, 'named.php'), `<?php
    require 'Named.php';
    $ours = new App\\Services\\Jurukunci('https://e.example');
    try { $ours->order('no key', 'a', 'b', ['c']); } catch (InvalidArgumentException $e) {
      echo strlen($ours->order(file_get_contents('order-key.pem'), 'a', 'b', [str_repeat('a', 64)])) > 100 ? 'good' : 'bad';
    }`);
  assert.equal(run('php', ['named.php']), 'good');
}

{ // Java; it reads lines, because the JDK has no JSON
  const [library, controller] = blocks('java.md', 'java');
  writeFileSync(join(folder, 'Jurukunci.java'), library);
  const text = (value) => (value == null ? '-' : `=${Buffer.from(String(value)).toString('base64')}`);
  const evidence = ({ proof, nonce, port, version, environment, expiresAt }) =>
    [proof?.algorithm, proof?.publicKey, proof?.signature, nonce, Number.isInteger(port) ? port : null, version, environment, expiresAt]
      .map(text).join(' ');
  const lines = [
    ...session.cases.map((c) => `session ${evidence(c.evidence)}`), ...enrolment.cases.map((c) => `enrolment ${evidence(c.evidence)}`),
    ...enrolment.codes.map(({ lines: all }) => `code ${all.map(text).join(' ')}`),
  ];
  const { origin, nonce, publicKey, minimumVersion, now } = session.expected;
  writeFileSync(join(folder, 'Check.java'), `
    import java.nio.charset.StandardCharsets; import java.nio.file.*; import java.time.Instant; import java.util.*;
    public class Check {
      static String text(String word) {
        return word.equals("-") ? null : new String(Base64.getDecoder().decode(word.substring(1)), StandardCharsets.UTF_8);
      }
      public static void main(String[] args) throws Exception {
        var ours = new Jurukunci("${origin}", "${minimumVersion}");
        for (String line : Files.readAllLines(Path.of("cases"))) {
          String[] w = line.split(" ");
          if (w[0].equals("code")) { System.out.println(new Jurukunci(text(w[2]), "0").enrolmentCode(text(w[3]), text(w[4]))); continue; }
          var proof = w[1].equals("-") ? null : new Jurukunci.Proof(text(w[1]), text(w[2]), text(w[3]));
          var port = w[5].equals("-") ? null : Integer.valueOf(text(w[5]));
          var said = new Jurukunci.Evidence(proof, text(w[4]), port, text(w[6]), text(w[7]), text(w[8]));
          System.out.println(w[0].equals("session") ? ours.sessionFault(said, "${nonce}", List.of("${publicKey}"), Instant.parse("${now}"))
            : ours.enrolmentFault(said, "${enrolment.expected.nonce}"));
        }
        var key = Jurukunci.readOrderKey(Files.readString(Path.of("order-key.pem")));
        System.out.println(ours.order(key, "Jana \\"K.\\" \\u00d1usa\\\\", "tte", "${order.payload.taskKind}",
          List.of("${order.payload.documents.join('", "')}"), Instant.ofEpochSecond(${order.payload.iat})));
      }
    }`);
  writeFileSync(join(folder, 'cases'), `${lines.join('\n')}\n`);
  // Spring is not here: the controller is compiled against the names it uses, and nothing more
  const stub = (path, code) => { execFileSync('mkdir', ['-p', join(folder, path, '..')]); writeFileSync(join(folder, path), code); };
  stub('jakarta/servlet/http/HttpSession.java', `package jakarta.servlet.http; public interface HttpSession {
    Object getAttribute(String n); void setAttribute(String n, Object v); void removeAttribute(String n); }`);
  const annotations = { PostMapping: 'String value();', RequestMapping: 'String value();', RequestBody: '', RestController: '' };
  const spring = 'org/springframework/web/bind/annotation';
  for (const [name, members] of Object.entries(annotations)) {
    stub(`${spring}/${name}.java`, `package ${spring.replaceAll('/', '.')}; public @interface ${name} { ${members} }`);
  }
  writeFileSync(join(folder, 'JurukunciController.java'), controller);
  const sources = ['Jurukunci.java', 'Check.java', 'JurukunciController.java', 'jakarta/servlet/http/HttpSession.java',
    ...Object.keys(annotations).map((name) => `${spring}/${name}.java`)];
  run('javac', ['-Xlint:all', '-Werror', '-d', 'out', ...sources]);
  const answers = run('java', ['-cp', 'out', 'Check']).trim().split('\n').map((line) => (line === 'null' ? null : line));
  judge('Java', answers.slice(0, -1), answers.at(-1));
}
