import type { LocalPage } from './local-page.ts';
import { serveStyle } from './serve-style.ts';

/** The chat page of `runner serve`. */
export const servePage: LocalPage = {
  title: 'Chat',
  style: serveStyle,
  body: `<main>
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
</main>`,
};
