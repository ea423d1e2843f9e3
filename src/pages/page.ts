export interface Page {
  title: string;
  style: string;
  /** extra Content-Security-Policy directives: what the browser may use besides inline styles */
  allowed?: string;
  /** HTML */
  body: string;
}

/** A self-contained HTML file. Its Content-Security-Policy forbids network requests. */
export function page({ title, style, allowed = '', body }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'${allowed}">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

/** Escapes text for HTML, between tags or in a quoted attribute. */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
