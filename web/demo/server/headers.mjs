const always = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/** `connect-src` must list the agent, or the browser never lets the page call it. */
export const headersOfPage = {
  ...always,
  'cross-origin-opener-policy': 'same-origin',
  'content-security-policy': [
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "frame-src 'self'",
    "connect-src 'self' http://127.0.0.1:*",
    "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
  ].join('; '),
};

export const headersOfAnswer = { ...always, 'cache-control': 'no-store', 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" };

/** Only framing is limited: the browser's PDF viewer is a page of its own, which a stricter policy would break. */
export const headersOfPdf = { ...always, 'cache-control': 'no-store', 'content-security-policy': "frame-ancestors 'self'" };
