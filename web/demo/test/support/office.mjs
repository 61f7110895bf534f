import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../server/main.mjs', import.meta.url));

/** The real server in a process of its own, with a certificate made for it. */
export class Office {
  /** `loginAnchor`: PEM text of a root for log-ins with the token. */
  static async start({ state, ports = '17845,17846', loginAnchor, orders = true } = {}) {
    const office = new Office();
    office.folder = mkdtempSync(join(tmpdir(), 'office-'));
    office.state = state ?? join(office.folder, 'state');
    const [cert, key] = ['cert.pem', 'key.pem'].map((name) => join(office.folder, name));
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '1',
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost',
        '-keyout',
        key,
        '-out',
        cert,
      ],
      { stdio: 'ignore' },
    );
    office.ca = readFileSync(cert);
    const anchor = join(office.folder, 'anchor.pem');
    if (loginAnchor) writeFileSync(anchor, loginAnchor);
    office.process = spawn(
      process.execPath,
      [
        main,
        '--port',
        '0',
        '--cert',
        cert,
        '--key',
        key,
        '--state',
        office.state,
        '--agent-ports',
        ports,
        ...(loginAnchor ? ['--login-anchor', anchor] : []),
        ...(orders ? [] : ['--no-orders']),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    for await (const line of createInterface(office.process.stdout)) {
      office.firstLine = line;
      office.origin = line.replace('listening ', '');
      return office;
    }
    throw new Error('the server ended before it listened');
  }

  /** From now on asked as the demo's official. */
  async signIn() {
    const { headers } = await this.askJson('POST', '/api/session/demo', {});
    [this.cookie] = headers['set-cookie'][0].split(';', 1);
  }

  /** Answers status, headers and body; the path is sent as it is given. */
  ask(method, path, { headers = {}, body } = {}) {
    const { port } = new URL(this.origin);
    const given = { host: `localhost:${port}`, ...(method === 'GET' ? {} : { origin: this.origin }), cookie: this.cookie, ...headers };
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port,
          servername: 'localhost',
          ca: this.ca,
          method,
          path,
          agent: false,
          headers: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
        },
        async (response) => {
          const chunks = [];
          for await (const chunk of response) chunks.push(chunk);
          const bytes = Buffer.concat(chunks);
          resolve({
            status: response.statusCode,
            headers: response.headers,
            bytes,
            get json() {
              return JSON.parse(bytes);
            },
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  askJson(method, path, value) {
    return this.ask(method, path, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) });
  }

  async stop() {
    const ended = new Promise((resolve) => this.process.once('exit', (code) => resolve(code)));
    this.process.kill('SIGTERM');
    const code = await ended;
    rmSync(this.folder, { recursive: true, force: true });
    return code;
  }
}
