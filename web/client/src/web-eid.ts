/**
 * Web eID's four calls, in the names and shapes of web-eid.js 2, over a connection with Jurukunci: an application that has them needs no second way
 * of logging in and signing. What is an extension's or a native app's there is the agent's here.
 */
import { authenticate as authenticateBySession } from './authentication.js';
import type { Connection } from './connection.js';
import { JurukunciError, type Language } from './errors.js';
import { Session } from './session.js';
import { signHash, type Order } from './signing.js';
import { certificates } from './token.js';
import { version as library } from './version.js';
import { WebEidError } from './web-eid-errors.js';
import { curveBytes, sideBySide } from './web-eid-ecdsa.js';
import type { AuthenticationToken, Certificate, HashFunction, SignatureAlgorithm } from './wire.js';

export { ErrorCode, WebEidError } from './web-eid-errors.js';

export interface WebEidConfig {
  /** For `sign`: the kind of task of the city's profile. Web eID has no such word. */
  taskKind?: string;
  /** `tte` without it. */
  purpose?: string;
  /** What the person reads in the consent to `sign`. */
  name?: string;
  /** For `sign`, where the registry holds a key for this origin. */
  order?: Order;
  /** Where several certificates are usable; null is "the person cancelled". Web eID's own window asks this, ours does not. */
  choose?: (certificates: readonly [Certificate, ...Certificate[]]) => Certificate | null | Promise<Certificate | null>;
}

export interface ActionOptions {
  /** ISO 639-1; sentences come in Indonesian or English. */
  lang?: string;
  /** Milliseconds; two minutes. */
  userInteractionTimeout?: number;
  signal?: AbortSignal;
}

export interface WebEidSignature {
  /** Base64; for ECDSA r and s side by side. */
  signature: string;
  signatureAlgorithm: SignatureAlgorithm;
}

export interface WebEid {
  status(): Promise<{ library: string; extension: string; nativeApp: string }>;
  authenticate(challengeNonce: string, options?: ActionOptions): Promise<AuthenticationToken>;
  getSigningCertificate(options?: ActionOptions): Promise<{ certificate: string; supportedSignatureAlgorithms: SignatureAlgorithm[] }>;
  sign(certificate: string, hash: string, hashFunction: string, options?: ActionOptions): Promise<WebEidSignature>;
}

/** `source`: a session, or who connects when the first call comes (`() => connect({…})`). What was not ready then is tried again by the next call. */
export function webEid(source: Session | (() => Promise<Connection | Session>), config: WebEidConfig = {}): WebEid {
  let session: Session | null = source instanceof Session ? source : null;

  async function connected(): Promise<Session> {
    if (session || typeof source !== 'function') return session ??= source as Session;
    if (globalThis.isSecureContext === false) throw new WebEidError('ERR_WEBEID_CONTEXT_INSECURE', 'the page is not https');
    const connection = await source();
    if (connection instanceof Session) return session = connection;
    if (connection.state === 'ready') return session = connection.session;
    throw WebEidError.ofConnection(connection);
  }

  async function act<T>(options: ActionOptions, action: (session: Session, call: Acting) => Promise<T>): Promise<T> {
    const { userInteractionTimeout = 120_000, signal, lang } = options;
    const limit = new AbortController();
    const follow = () => limit.abort(signal?.reason);
    if (signal?.aborted) follow();
    signal?.addEventListener('abort', follow);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const language: Language = lang === undefined || lang.startsWith('id') ? 'id' : 'en';
    try {
      const open = await connected(); // before the clock starts: the browser's question is not the person's time
      const tooLate = () => limit.abort(new WebEidError('ERR_WEBEID_USER_TIMEOUT', `no answer within ${userInteractionTimeout} ms`));
      timer = setTimeout(tooLate, userInteractionTimeout);
      return await action(lang === undefined ? open : open.in(language), { signal: limit.signal });
    } catch (error) {
      throw signal?.aborted ? error : WebEidError.of(error);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', follow);
    }
  }

  return {
    status: () => act({}, async ({ agent }) => ({ library, extension: agent.version, nativeApp: agent.version })),

    authenticate: async (challengeNonce, options = {}) => {
      demand(challengeNonce, 'authenticate function requires a challengeNonce');
      return act(options, (session, call) => authenticateBySession(session, challengeNonce, call));
    },

    getSigningCertificate: (options = {}) => act(options, async (session, call) => {
      const all = await certificates(session, call);
      const [first, ...more] = all.filter(({ usable }) => usable);
      const fatal = (message: string) => new WebEidError('ERR_WEBEID_NATIVE_FATAL', message);
      if (!first) throw JurukunciError.fromWire(all[0]?.refusals[0]) ?? fatal('no certificate that can be used');
      if (more.length > 0 && !config.choose) throw fatal(`${more.length + 1} certificates can be used: hand webEid a "choose"`);
      const chosen = more.length > 0 ? await config.choose!([first, ...more]) : first;
      if (!chosen) throw new WebEidError('ERR_WEBEID_USER_CANCELLED', 'no certificate was chosen');
      const { certificate, supportedSignatureAlgorithms } = chosen;
      return { certificate, supportedSignatureAlgorithms };
    }),

    sign: async (certificate, hash, hashFunction, options = {}) => {
      demand(certificate, 'sign function requires a certificate as parameter');
      demand(hash, 'sign function requires a hash as parameter');
      demand(hashFunction, 'sign function requires a hashFunction as parameter');
      const { taskKind, purpose = 'tte', name = `${hashFunction}`, order } = config;
      demand(taskKind, 'sign needs the taskKind that webEid was to be given');
      return act(options, async (session, call) => {
        const own = (await certificates(session, call)).find((one) => one.certificate === certificate);
        const fitting = own?.supportedSignatureAlgorithms.filter((one) => one.hashFunction === hashFunction) ?? [];
        const signatureAlgorithm = fitting.find(({ paddingScheme }) => paddingScheme !== 'PSS') ?? fitting[0];
        if (!signatureAlgorithm) {
          const message = own ? `the certificate does not sign ${hashFunction}` : 'no token has that certificate';
          throw new WebEidError('ERR_WEBEID_NATIVE_INVALID_ARGUMENT', message);
        }
        const { signature } = await signHash(session, {
          ...call, name, hash, hashFunction: hashFunction as HashFunction, certificate, signatureAlgorithm, purpose, taskKind: taskKind!,
          ...(order && { order }),
        });
        const bytes = signatureAlgorithm.cryptoAlgorithm === 'ECC' ? curveBytes(certificate) : 0;
        return { signature: bytes ? sideBySide(signature, bytes) : signature, signatureAlgorithm };
      });
    },
  };
}

interface Acting { signal: AbortSignal }

function demand(value: unknown, message: string): void {
  if (!value) throw new WebEidError('ERR_WEBEID_MISSING_PARAMETER', message);
}
