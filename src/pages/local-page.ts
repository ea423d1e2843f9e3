export interface LocalPage {
  title: string;
  style: string;
  /** HTML */
  body: string;
}

/**
 * The HTML of a page that a server of this machine gives out. It holds no data: its script asks the server, with the
 * key in the page's address. `script` must not contain `</script`.
 */
export const localPageHtml = ({ title, style, body }: LocalPage, script: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
${body}
<noscript>This page needs JavaScript.</noscript>
<script>${script}</script>
</body>
</html>
`;
