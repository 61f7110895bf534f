// Programs of others that judge a signed PDF.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { run } from './child.mjs';

export async function pdfsig(file) {
  const { code, text } = await run('pdfsig', [file], { env: { LC_ALL: 'C' } });
  const said = text.match(/Signature Validation: (.*)/)?.[1] ?? 'no signature', wholeDocument = /Total document signed/.test(text);
  return { code, text, said, wholeDocument, valid: code === 0 && said === 'Signature is Valid.' && wholeDocument, signatures: text.match(/^Signature #\d+:/gm)?.length ?? 0 };
}

export async function qpdfCheck(file) {
  const { code, text } = await run('qpdf', ['--check', file]);
  return { code, text, valid: code === 0 };
}

export async function mutoolSign(file) {
  const { code, text } = await run('mutool', ['sign', '-v', file]);
  return { code, text, valid: code === 0 && /The document is unchanged since signing/.test(text) };
}

/** The CMS of the last signature, taken out by its /ByteRange, against the root that the agent's profile names. */
export async function opensslCms(file, rootPem, scratch) {
  const bytes = readFileSync(file);
  const [, a, b, c, d] = [...bytes.toString('latin1').matchAll(/\/ByteRange ?\[ ?(\d+) (\d+) (\d+) (\d+)/g)].at(-1).map(Number);
  const gap = bytes.subarray(a + b, c).toString('latin1').replace(/[<>]/g, '');
  const at = (name) => join(scratch, name);
  writeFileSync(at('content'), Buffer.concat([bytes.subarray(a, a + b), bytes.subarray(c, c + d)]));
  writeFileSync(at('signature.der'), Buffer.from(gap, 'hex'));
  const { code, text } = await run('openssl', ['cms', '-verify', '-cades', '-binary', '-inform', 'DER', '-in', at('signature.der'), '-content', at('content'),
    '-CAfile', rootPem, '-purpose', 'any', '-out', '/dev/null']);
  const coversFile = a === 0 && c + d === bytes.length;
  return { code, text, coversFile, valid: code === 0 && coversFile };
}
