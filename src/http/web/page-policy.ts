import type { Response } from 'express';

/** What a page of Vincle may load: its own files from this server, and nothing else; no inline script, no inline style. */
export function setPagePolicy(response: Response, frameAncestors: readonly string[]): void {
  const frames = frameAncestors.length === 0 ? "'none'" : frameAncestors.join(' ');
  response.set(
    'Content-Security-Policy',
    [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      `frame-ancestors ${frames}`,
    ].join('; '),
  );
  response.set('Permissions-Policy', 'camera=(), microphone=(), geolocation=(), payment=()');
  response.set('Cross-Origin-Opener-Policy', 'same-origin');
  // Browsers that know frame-ancestors ignore it; the others would know only all or nothing.
  if (frameAncestors.length > 0) response.removeHeader('X-Frame-Options');
}
