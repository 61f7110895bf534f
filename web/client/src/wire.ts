/**
 * What travels between page and agent; names and shapes are those of docs/protocol/http.md and verification.md.
 */
import type { ErrorCode } from './error-codes.js';

/** `GET /v1/hello`. */
export interface Hello {
  name: 'jurukunci';
  version: string;
  apiLevel: number;
  environment: Environment;
}

/** `uji` signs with test certificates only, `produksi` with real ones only. */
export type Environment = 'uji' | 'produksi';

/** The device key's signature over the opening of a session. */
export interface Proof {
  algorithm: 'Ed25519';
  /** SubjectPublicKeyInfo, DER, base64. */
  publicKey: string;
  signature: string;
}

export interface WireError {
  code: ErrorCode | (string & {});
  message: string;
  userMessage: string;
  retriable: boolean;
  rule: string | null;
  citation: string | null;
  remedy: string | null;
}

export type PinState = 'ok' | 'count-low' | 'final-try' | 'locked' | 'to-be-changed' | 'not-set';

export interface Token {
  label: string;
  manufacturer: string;
  model: string;
  serialEnding: string;
  pinState: PinState;
  /** The PIN is typed on the reader, not in our prompt. */
  pinPad: boolean;
  triesLeft: number | null;
}

/** `GET /v1/status`. */
export interface Status {
  profile: { id: string; city: string; title: string; number: number; year: number };
  environment: Environment;
  /** Without a prompter nobody can be asked, so nothing can be signed. */
  prompter: 'present' | 'absent';
  tokens: Token[];
  blockedKeys: unknown[];
  warnings: { code: string; userMessage: string }[];
  /** Another one whenever a token came or went. */
  revision: number;
}

export type HashFunction = 'SHA-256' | 'SHA-384' | 'SHA-512';

export interface SignatureAlgorithm {
  cryptoAlgorithm: 'ECC' | 'RSA';
  hashFunction: HashFunction | (string & {});
  paddingScheme: 'NONE' | 'PKCS1.5' | 'PSS';
}

/** One of `GET /v1/certificates`; an unusable one is listed with its refusals, never hidden. */
export interface Certificate {
  /** DER, base64. */
  certificate: string;
  sha256: string;
  subject: string;
  commonName: string;
  issuer: string;
  serialNumber: string;
  notBefore: string;
  notAfter: string;
  kind: string;
  purposes: string[];
  tokenLabel: string;
  supportedSignatureAlgorithms: SignatureAlgorithm[];
  usable: boolean;
  /** What its owner will be asked to read before its first use on this computer; nothing that a page must do. */
  firstUse: ('duties' | 'agreement')[];
  /** The issuer's newest answer that the agent knows, and when it was made. */
  revocationStatus: { answer: 'good' | 'revoked' | 'suspended' | 'unknown'; at: string | null; source: 'none' | 'crl' | 'ocsp' };
  refusals: WireError[];
}

/** A document that the agent holds for a while. */
export interface StoredDocument {
  id: string;
  sha256: string;
  size: number;
  mimeType: string;
  /** Null where the document is no PDF. */
  pages: number | null;
  title: string | null;
}

/** Points from the lower left corner of the page as it is shown; or the name of an empty signature field. */
export type Appearance =
  | { page: number; x: number; y: number; width: number; height: number; link?: string }
  | { field: string; link?: string };

export type EnrolmentState = 'preparing' | 'waiting_consent' | 'confirmed' | 'refused' | 'cancelled' | 'failed';

/** Of `POST /v1/enrolments`. */
export interface Enrolment {
  id: string;
  state: EnrolmentState;
  revision: number;
  /** SubjectPublicKeyInfo, DER, base64. */
  publicKey: string;
  /** As the agent's window shows it. */
  code: string;
  expiresAt: string;
  /** Once it is confirmed. */
  proof: Proof | null;
  error: WireError | null;
}

/** Web eID's, as `POST /v1/authenticate` answers it. Nothing in it is verified. */
export interface AuthenticationToken {
  unverifiedCertificate: string;
  algorithm: 'ES256' | 'ES384' | 'ES512' | 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512';
  /** Base64, in JWS's form: for ECDSA r and s side by side. */
  signature: string;
  format: string;
  appVersion: string;
}

export type OperationState =
  | 'preparing' | 'waiting_consent' | 'signing' | 'done' | 'refused' | 'cancelled' | 'failed';

export type ItemState = 'sealed' | 'started' | 'signed' | 'rejected' | 'failed' | 'unknown';

export interface OperationItem {
  name: string;
  state: ItemState;
  /** The signed PDF, where the format is PAdES. */
  documentId?: string;
  sha256?: string;
  /** Base64. CAdES: the CMS in DER. RAW: RSA octets, or ECDSA-Sig-Value in DER. */
  signature?: string;
  error?: WireError | null;
}

export interface Operation {
  id: string;
  requestId: string;
  revision: number;
  state: OperationState;
  done: number;
  total: number;
  format: 'PAdES' | 'CAdES' | 'RAW';
  level: string | null;
  createdAt: string;
  keptUntil: string | null;
  certificate: string | null;
  items: OperationItem[];
  error: WireError | null;
  auditHead: { row: number; sha256: string } | null;
  /** Set where the signature counts for nothing, as in `uji`; show it. */
  marking: string | null;
}

export interface SignatureReport {
  field: string;
  integrity: 'intact' | 'modified-after-signing' | 'certified-violation' | 'invalid';
  trust: 'trusted' | 'unknown' | 'expired' | 'revoked' | 'not-checked';
  indication: 'TOTAL-PASSED' | 'INDETERMINATE' | 'TOTAL-FAILED';
  subIndication: string | null;
  level: string | null;
  signer: {
    commonName: string;
    subject: string;
    issuer: string;
    serialNumber: string;
    notBefore: string;
    notAfter: string;
    certificate: string;
  } | null;
  signatureAlgorithm: string | null;
  /** By the signer's own clock; nobody vouches for it without a time stamp. */
  claimedTime: string | null;
  coverage: { byteRange: number[]; revisionEnd: number; wholeDocument: boolean } | null;
  changes: unknown[];
  warnings: { code: string; text: string }[];
}

/** `POST /v1/verifications`. */
export interface VerificationReport {
  conclusion: 'valid' | 'not-valid' | 'no-signature' | 'unreadable';
  signatures: SignatureReport[];
  /** What this verdict does not speak about. Show it with the verdict. */
  notChecked: string[];
  environment: Environment;
  verifiedAt: string;
}
