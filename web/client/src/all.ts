/** The one file for pages without a bundler: `dist/jurukunci.min.js`. */
export * from './index.js';
export {
  webEid, ErrorCode as WebEidErrorCode, WebEidError, type ActionOptions, type WebEid, type WebEidConfig, type WebEidSignature,
} from './web-eid.js';
