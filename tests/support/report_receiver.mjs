// Reference receiver of docs/protocol/reports.md, for tests: mutual TLS, verifies the signature, keeps each case once, gives a receipt. Node's own
// modules only.   node report_receiver.mjs FOLDER
// Heads of the log are kept in heads/, one per device; one that goes back, or a new chain whose loss nobody decided (losses/ID), is refused with 409 and
// noted in flags.jsonl.
// FOLDER holds server.key, server.pem, devices.pem (registered device certificates); cases/ and archive/ are made. Writes its port into FOLDER/port.
// While FOLDER/hold exists, a report is kept but its receipt is held back; while FOLDER/busy exists, the answer is 503. While FOLDER/hold-store exists,
// the store takes a document and does not answer; FOLDER/store-asked tells that it was called.
import { createHash, createHmac, verify, X509Certificate } from 'node:crypto'
import { appendFileSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const folder = process.argv[2]
const at = (...names) => join(folder, ...names)
mkdirSync(at('cases'), { recursive: true })
mkdirSync(at('archive'), { recursive: true })
mkdirSync(at('heads'), { recursive: true })
const MOST = 32 << 20

const devices = readFileSync(at('devices.pem'), 'utf8').match(/-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----/g)
const thumbprint = (der) => createHash('sha256').update(der).digest('base64url')
const keys = new Map(devices.map((pem) => new X509Certificate(pem).publicKey).map((key) => [thumbprint(key.export({ type: 'spki', format: 'der' })), key]))

function durably(path, bytes) {
  const fd = openSync(path + '.new', 'w', 0o600)
  writeSync(fd, bytes)
  fsyncSync(fd)
  closeSync(fd)
  renameSync(path + '.new', path)
}

/** What a registered device signed as a compact JWS of this type, or null: exactly EdDSA. */
function signedIn(jws, type) {
  const parts = jws.split('.')
  if (parts.length !== 3) return null
  const header = JSON.parse(Buffer.from(parts[0], 'base64url').toString())
  const key = keys.get(header.kid)
  if (header.alg !== 'EdDSA' || header.typ !== type || !key) return null
  if (!verify(null, Buffer.from(`${parts[0]}.${parts[1]}`), key, Buffer.from(parts[2], 'base64url'))) return null
  return { key, device: Buffer.from(header.kid, 'base64url').toString('hex'), payload: JSON.parse(Buffer.from(parts[1], 'base64url').toString()) }
}

async function takeReport(request, body) {
  const signed = signedIn(body.toString(), 'jurukunci-report+jws')
  if (!signed) return [400, { error: 'signature' }]
  const report = signed.payload
  const id = report.case.id
  if (!/^[\w-]{1,64}$/.test(id) || request.headers['idempotency-key'] !== id) return [400, { error: 'idempotency key' }]
  const path = at('cases', id + '.json')
  const known = existsSync(path)
  const kept = known ? JSON.parse(readFileSync(path)) : { receipt: 'RA-' + createHash('sha256').update(body).digest('hex').slice(0, 12), report }
  if (!known) durably(path, JSON.stringify(kept))
  while (existsSync(at('hold'))) await sleep(20)
  return [known ? 200 : 201, { case: id, receipt: kept.receipt, receivedAt: '2026-11-21T08:00:00Z' }]
}

/** A head is taken where it continues what is known of this device: further on in the same chain, or in a chain after a loss that was decided. */
async function takeHead(request, body) {
  const signed = signedIn(body.toString(), 'jurukunci-checkpoint+jws')
  if (!signed) return [400, { error: 'signature' }]
  const { device, payload: head } = signed
  const row = Buffer.alloc(8)
  row.writeBigUInt64BE(BigInt(head.row))
  const checkpoint = Buffer.concat([Buffer.from('jurukunci checkpoint v1\n'), row, Buffer.from(head.sha256, 'hex')])
  const id = `h-${head.row}-${head.sha256.slice(0, 16)}`
  if (head.device !== device || !verify(null, checkpoint, signed.key, Buffer.from(head.signature, 'hex'))) return [400, { error: 'checkpoint' }]
  if (!/^[\w-]{0,64}$/.test(head.after) || request.headers['idempotency-key'] !== id) return [400, { error: 'idempotency key' }]
  const path = at('heads', device + '.json')
  const known = existsSync(path) ? JSON.parse(readFileSync(path)) : { after: '', row: 0, sha256: '' }
  let flag = null
  if (head.after !== known.after) {
    if (!existsSync(at('losses', head.after || 'none'))) flag = 'loss not decided'
  } else if (head.row < known.row) flag = 'went back'
  else if (head.row === known.row && head.sha256 !== known.sha256) flag = 'rewritten'
  if (flag) {
    appendFileSync(at('flags.jsonl'), JSON.stringify({ device, flag, known: known.row, row: head.row, after: head.after }) + '\n')
    return [409, { error: flag, row: known.row }]
  }
  const again = head.after === known.after && head.row === known.row
  const receipt = 'RA-' + createHash('sha256').update(`${device} ${head.after} ${id}`).digest('hex').slice(0, 12)
  if (!again) durably(path, JSON.stringify({ after: head.after, row: head.row, sha256: head.sha256, receipt }))
  while (existsSync(at('hold'))) await sleep(20)
  return [again ? 200 : 201, { checkpoint: id, receipt, receivedAt: '2026-11-21T08:00:00Z' }]
}

/** SigV4 as an S3-compatible store checks it; the secret of the tests is "rahasia". */
function signedForS3(request, body) {
  const auth = /^AWS4-HMAC-SHA256 Credential=(\w+)\/(\d{8})\/([\w-]+)\/s3\/aws4_request, SignedHeaders=([\w;-]+), Signature=(\w{64})$/.exec(request.headers.authorization ?? '')
  if (!auth) return false
  const [, , day, region, names, signature] = auth
  const sha256 = (data) => createHash('sha256').update(data).digest('hex')
  const hmac = (key, text) => createHmac('sha256', key).update(text).digest()
  if (request.headers['x-amz-content-sha256'] !== sha256(body)) return false
  const headers = names.split(';').map((name) => `${name}:${request.headers[name]}\n`).join('')
  const canonical = [request.method, request.url, '', headers, names, sha256(body)].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], `${day}/${region}/s3/aws4_request`, sha256(canonical)].join('\n')
  const key = ['s3', 'aws4_request'].reduce(hmac, hmac(hmac('AWS4rahasia', day), region))
  return hmac(key, toSign).toString('hex') === signature
}

function store(request, body) {
  const [, kind, hash] = /^\/(dav|bucket)\/([0-9a-f]{64})$/.exec(request.url) ?? []
  if (!hash) return [404, {}]
  if (kind === 'bucket' && !signedForS3(request, body)) return [403, {}]
  if (request.method === 'PUT') {
    durably(at('archive', hash), body)
    return [201, {}]
  }
  return existsSync(at('archive', hash)) ? [200, readFileSync(at('archive', hash))] : [404, {}]
}

const server = createServer(
  { key: readFileSync(at('server.key')), cert: readFileSync(at('server.pem')), ca: devices, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' },
  async (request, response) => {
    const pieces = []
    let size = 0
    for await (const piece of request) {
      size += piece.length
      if (size > MOST) return request.destroy()
      pieces.push(piece)
    }
    const body = Buffer.concat(pieces)
    let answer = [404, {}]
    try {
      if (existsSync(at('busy'))) answer = [503, {}]
      else if (request.method === 'POST' && request.url === '/v1/reports') answer = await takeReport(request, body)
      else if (request.method === 'POST' && request.url === '/v1/checkpoints') answer = await takeHead(request, body)
      else if (request.method === 'PUT' || request.method === 'GET') {
        writeFileSync(at('store-asked'), request.url)
        while (existsSync(at('hold-store'))) await sleep(20)
        answer = store(request, body)
      }
    } catch {
      answer = [400, { error: 'malformed' }]
    }
    const content = Buffer.isBuffer(answer[1]) ? answer[1] : Buffer.from(JSON.stringify(answer[1]))
    response.writeHead(answer[0], { 'content-type': 'application/json', 'content-length': content.length }).end(content)
  },
)
server.listen(Number(existsSync(at('port')) ? readFileSync(at('port'), 'utf8') : 0), '127.0.0.1', () => {
  writeFileSync(at('port'), String(server.address().port))
  console.log('listening')
})
