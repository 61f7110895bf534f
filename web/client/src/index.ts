export { authenticate, type AuthenticateOptions } from './authentication.js';
export { connect, type ConnectOptions, type Connection, type Impostor, type PageState } from './connection.js';
export { agentPorts, apiLevel, discover, type Agent, type DiscoverOptions, type Discovery } from './discovery.js';
export { content, release, upload, verify } from './documents.js';
export { decrypt, encrypt } from './encryption.js';
export { enrol, enrolmentCode, type Enrolled, type EnrolmentEvidence, type EnrolOptions } from './enrolment.js';
export type { ErrorCode } from './error-codes.js';
export { JurukunciError, type Language } from './errors.js';
export type { LocalCode } from './local-errors.js';
export { cancel, isOver, operations, remaining, watch, type RemainingOptions, type WatchOptions } from './operations.js';
export { explain } from './page-states.js';
export { loopbackPermission, type Permission } from './permission.js';
export { openSession, type ServerAnswer, type Session, type SessionEvidence, type SessionOptions } from './session.js';
export {
  signBatch, signDetached, signDocument, signHash,
  type BatchResult, type BatchToSign, type DocumentToSign, type HashToSign, type Order, type SignedBytes, type SignedDocument, type SigningOrder,
  type SigningProgress,
} from './signing.js';
export { certificates, status } from './token.js';
export { version } from './version.js';
export type * from './wire.js';
