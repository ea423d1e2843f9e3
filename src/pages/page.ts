export interface Page {
  title: string;
  style: string;
  /** what the browser may use besides inline styles, as Content-Security-Policy directives */
  allowed?: string;
  /** HTML */
  body: string;
}

/** One HTML file that holds everything it needs. It asks the network for nothing, and says so to the browser. */
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

/** Text as it stands in HTML, between tags or in a quoted attribute. */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
