import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkEnrolment, enrolmentCode } from '../dist/index.js';
import { vectors } from './support/vectors.mjs';

const { expected, codes, code, cases } = vectors('enrolment');

for (const { sentence, evidence, reason } of cases) {
  test(`enrolment: ${sentence}`, async () => {
    const verdict = await checkEnrolment(evidence, expected);
    assert.equal(verdict.ok ? null : verdict.reason, reason, verdict.message);
    if (verdict.ok) assert.deepEqual(verdict, { ok: true, publicKey: evidence.proof.publicKey, code, version: '0.1.0', environment: 'uji' });
  });
}

test('the code is six digits, leading zeros and all', () => {
  assert.ok(codes.some((one) => one.code.startsWith('0')));
  for (const { lines: [, origin, nonce, publicKey], code } of codes) assert.equal(enrolmentCode({ origin, nonce, publicKey }), code);
});

test('an enrolment may be held to ports and to an environment', async () => {
  const [{ evidence }] = cases;
  assert.equal((await checkEnrolment(evidence, { ...expected, ports: [17846] })).reason, 'wrong-port');
  assert.equal((await checkEnrolment(evidence, { ...expected, environment: 'produksi' })).reason, 'wrong-environment');
});
