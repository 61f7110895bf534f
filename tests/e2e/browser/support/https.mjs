// A certification authority for one run, and a server certificate for the names of the pages, by the openssl command.
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { mustRun } from './child.mjs';

export async function makeServerCertificate(folder, names, days = 2) {
  const at = (name) => join(folder, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await mustRun('openssl', ['req', '-x509', ...key, '-days', String(days), '-subj', '/O=Jurukunci, hanya untuk uji/CN=CA halaman uji',
    '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign', '-keyout', at('ca-key.pem'), '-out', at('ca.pem')]);
  writeFileSync(at('server.ext'), `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n`);
  await mustRun('openssl', ['req', ...key, '-subj', `/CN=${names[0]}`, '-keyout', at('server-key.pem'), '-out', at('server.csr')]);
  await mustRun('openssl', ['x509', '-req', '-in', at('server.csr'), '-CA', at('ca.pem'), '-CAkey', at('ca-key.pem'), '-CAcreateserial',
    '-days', String(days), '-extfile', at('server.ext'), '-out', at('server.pem')]);
  return { cert: at('server.pem'), key: at('server-key.pem'), ca: at('ca.pem'), caDer: new X509Certificate(readFileSync(at('ca.pem'))).raw };
}
