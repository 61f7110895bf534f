export { verifyAuthentication, type AuthenticationExpectation, type AuthenticationToken, type AuthenticationVerdict } from './authentication.js';
export type { CertificateSource } from './chain.js';
export { checkEnrolment, enrolmentCode, type EnrolmentEvidence, type EnrolmentExpectation, type EnrolmentVerdict } from './enrolment.js';
export type { Fault, Reason } from './faults.js';
export { Nonces, type NonceCheck, type NoncesOptions } from './nonces.js';
export { makeOrder, orderAlgorithm, type OrderOptions } from './orders.js';
export type { Proof } from './proofs.js';
export { checkSessionProof, type SessionEvidence, type SessionExpectation, type SessionVerdict } from './session-proof.js';
export { isOlder } from './versions.js';
