export { agentPorts, apiLevel, discover, type Agent, type DiscoverOptions, type Discovery, type PageState } from './discovery.js';
export { openSession, type Session, type SessionEvidence, type SessionOptions } from './session.js';
export { certificates, status } from './token.js';
export { content, release, upload, verify } from './documents.js';
export {
  signBatch, signDocument,
  type BatchResult, type DocumentToSign, type SignedDocument, type SigningOrder, type SigningProgress,
} from './signing.js';
export { cancel, isOver, operations, watch, type WatchOptions } from './operations.js';
export { JurukunciError, type Language } from './errors.js';
export type { ErrorCode } from './error-codes.js';
export type { LocalCode } from './local-errors.js';
export { loopbackPermission, type Permission } from './permission.js';
export type * from './wire.js';
