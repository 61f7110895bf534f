import type { ErrorCode } from './error-codes.js';
import { localErrors, type LocalCode } from './local-errors.js';
import type { Operation, WireError } from './wire.js';

export type Language = 'id' | 'en';

/** Everything that goes wrong between page, agent, token and person, with a sentence for the person. */
export class JurukunciError extends Error {
  override readonly name = 'JurukunciError';
  /** `E-…` comes from the agent, `L-…` from this page. A newer agent may send codes that are not listed here. */
  readonly code: ErrorCode | LocalCode | (string & {});
  /** The sentence for the person; `message` is the developer's. */
  readonly userMessage: string;
  /** Whether the same request may succeed later, unchanged. */
  readonly retriable: boolean;
  /** Row of the regulation matrix and the city's own article, where a regulation stands behind the refusal. */
  readonly rule: string | null;
  readonly citation: string | null;
  readonly remedy: string | null;
  /** HTTP status, or null where no answer or no request was the trouble. */
  readonly status: number | null;
  /** How far a signing had come when it ended; look here before signing anything again. */
  readonly operation: Operation | null;

  constructor(wire: WireError, more: { status?: number; operation?: Operation; cause?: unknown } = {}) {
    super(wire.message, { cause: more.cause });
    this.code = wire.code;
    this.userMessage = wire.userMessage;
    this.retriable = wire.retriable;
    this.rule = wire.rule;
    this.citation = wire.citation;
    this.remedy = wire.remedy;
    this.status = more.status ?? null;
    this.operation = more.operation ?? null;
  }

  /** Takes what the agent sent, or null if that is not an error object of the protocol. */
  static fromWire(value: unknown, more: { status?: number; operation?: Operation } = {}): JurukunciError | null {
    if (typeof value !== 'object' || value === null) return null;
    const { code, message, userMessage, retriable, rule, citation, remedy } = value as Partial<WireError>;
    if (typeof code !== 'string' || typeof userMessage !== 'string') return null;
    return new JurukunciError({
      code, userMessage, message: message ?? code, retriable: retriable === true,
      rule: rule ?? null, citation: citation ?? null, remedy: remedy ?? null,
    }, more);
  }

  static local(code: LocalCode, more: { language?: Language; detail?: string; operation?: Operation; cause?: unknown } = {}): JurukunciError {
    const entry = localErrors[code];
    const [userMessage, remedy] = more.language === 'en' ? entry.en : entry.id;
    const message = more.detail === undefined ? entry.en[0] : `${entry.en[0]} (${more.detail})`;
    return new JurukunciError({ code, message, userMessage, remedy, retriable: entry.retriable, rule: null, citation: null }, more);
  }
}
