import { serveStyle } from './serve-style.ts';

/**
 * The chat page of `runner serve`. It holds no data: its script asks the server, with the key in the page's address.
 * `script` must not contain `</script`.
 */
export const servePage = (script: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Chat</title>
<style>${serveStyle}</style>
</head>
<body>
<main>
<header>
<h1>Chat</h1>
<label>with <select id="persona"></select></label>
<label title="below 1: safer; above 1: wilder">temperature <input id="temperature" type="number" min="0" max="3" step="0.1" value="0.9"></label>
<label title="the same seed and messages give the same answers; empty: other answers each time">seed <input id="seed" type="number" min="0" step="1"></label>
<button type="button" id="fresh">New conversation</button>
<button type="button" id="save">Save</button>
</header>
<div id="log" role="log" aria-label="Conversation" tabindex="0"></div>
<div id="status" role="status"></div>
<form id="form">
<label class="hidden" for="message">Your message</label>
<textarea id="message" rows="1" dir="auto" placeholder="Enter sends, Shift+Enter begins another message" autofocus></textarea>
<button id="send">Send</button>
<button type="button" id="stop" hidden>Stop</button>
</form>
</main>
<noscript>This page is a script: allow it to run.</noscript>
<script>${script}</script>
</body>
</html>
`;
