import type { Connection } from './connection.js';
import { JurukunciError } from './errors.js';

/** Those of web-eid.js 2. */
export const ErrorCode = {
  ERR_WEBEID_ACTION_TIMEOUT: 'ERR_WEBEID_ACTION_TIMEOUT',
  ERR_WEBEID_USER_TIMEOUT: 'ERR_WEBEID_USER_TIMEOUT',
  ERR_WEBEID_VERSION_MISMATCH: 'ERR_WEBEID_VERSION_MISMATCH',
  ERR_WEBEID_VERSION_INVALID: 'ERR_WEBEID_VERSION_INVALID',
  ERR_WEBEID_EXTENSION_UNAVAILABLE: 'ERR_WEBEID_EXTENSION_UNAVAILABLE',
  ERR_WEBEID_NATIVE_UNAVAILABLE: 'ERR_WEBEID_NATIVE_UNAVAILABLE',
  ERR_WEBEID_UNKNOWN_ERROR: 'ERR_WEBEID_UNKNOWN_ERROR',
  ERR_WEBEID_CONTEXT_INSECURE: 'ERR_WEBEID_CONTEXT_INSECURE',
  ERR_WEBEID_USER_CANCELLED: 'ERR_WEBEID_USER_CANCELLED',
  ERR_WEBEID_NATIVE_INVALID_ARGUMENT: 'ERR_WEBEID_NATIVE_INVALID_ARGUMENT',
  ERR_WEBEID_NATIVE_FATAL: 'ERR_WEBEID_NATIVE_FATAL',
  ERR_WEBEID_ACTION_PENDING: 'ERR_WEBEID_ACTION_PENDING',
  ERR_WEBEID_MISSING_PARAMETER: 'ERR_WEBEID_MISSING_PARAMETER',
} as const;
export type ErrorCode = keyof typeof ErrorCode;

const ofCode: Record<string, ErrorCode> = {
  'E-DIBATALKAN-PENANDA-TANGAN': 'ERR_WEBEID_USER_CANCELLED',
  'E-DOKUMEN-DIKELUARKAN': 'ERR_WEBEID_USER_CANCELLED',
  'E-TIDAK-ADA-JAWABAN': 'ERR_WEBEID_USER_TIMEOUT',
  'L-AGEN-TIDAK-TERJANGKAU': 'ERR_WEBEID_NATIVE_UNAVAILABLE',
  'L-BUKTI-DITOLAK': 'ERR_WEBEID_NATIVE_UNAVAILABLE',
};
const ofStatus: Record<number, ErrorCode> = { 400: 'ERR_WEBEID_NATIVE_INVALID_ARGUMENT', 429: 'ERR_WEBEID_ACTION_PENDING' };

/** `code` and `name` are web-eid.js's; `userMessage` and `cause` say what Jurukunci said. */
export class WebEidError extends Error {
  readonly code: ErrorCode;
  /** The sentence for the person, where the agent or this package has one. */
  readonly userMessage: string | null;
  /** With ERR_WEBEID_VERSION_MISMATCH. */
  readonly requiresUpdate?: { extension: boolean; nativeApp: boolean };
  readonly nativeApp?: string;

  constructor(code: ErrorCode, message: string, { cause, nativeApp }: { cause?: unknown; nativeApp?: string } = {}) {
    super(message, { cause });
    this.code = code;
    this.name = nameOf(code);
    this.userMessage = cause instanceof JurukunciError ? cause.userMessage : null;
    if (code !== 'ERR_WEBEID_VERSION_MISMATCH') return;
    this.requiresUpdate = { extension: false, nativeApp: true };
    if (nativeApp !== undefined) this.nativeApp = nativeApp;
  }

  static of(error: unknown): WebEidError {
    if (error instanceof WebEidError) return error;
    const message = error instanceof Error ? error.message : String(error);
    if (!(error instanceof JurukunciError)) return new WebEidError('ERR_WEBEID_UNKNOWN_ERROR', message, { cause: error });
    const code = ofCode[error.code] ?? ofStatus[error.status ?? 0] ?? 'ERR_WEBEID_NATIVE_FATAL';
    return new WebEidError(code, `${error.code}: ${message}`, { cause: error });
  }

  static ofConnection(connection: Exclude<Connection, { state: 'ready' }>): WebEidError {
    if (connection.state !== 'outdated') return new WebEidError('ERR_WEBEID_EXTENSION_UNAVAILABLE', `Jurukunci is ${connection.state}`);
    const { minimumVersion, agent: { version } } = connection;
    return new WebEidError('ERR_WEBEID_VERSION_MISMATCH', `Jurukunci ${version} is older than ${minimumVersion}`, { nativeApp: version });
  }
}

/** ERR_WEBEID_USER_CANCELLED is a UserCancelledError. */
function nameOf(code: ErrorCode): string {
  const words = code.slice('ERR_WEBEID_'.length).split('_').map((word) => word[0] + word.slice(1).toLowerCase()).join('');
  return words.endsWith('Error') ? words : `${words}Error`;
}
