/** The style of the chat page: light or dark to match the system, from the width of a phone on. */
export const serveStyle = `
:root { --paper: #fff; --ink: #1b1f24; --quiet: #57606a; --line: #d0d7de; --theirs: #eef1f4; --mine: #0b5cad; --on-mine: #fff; --wrong: #b3261e; color-scheme: light; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171b; --ink: #e6e9ed; --quiet: #9aa4af; --line: #3a424b; --theirs: #22272e; --mine: #1f6feb; --on-mine: #fff; --wrong: #ff8a80; color-scheme: dark; } }
* { box-sizing: border-box; }
html, body { height: 100%; margin: 0; }
body { background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { display: flex; flex-direction: column; height: 100%; max-width: 840px; margin: 0 auto; padding: 0 12px; }
header { display: flex; flex-wrap: wrap; gap: 6px 14px; align-items: center; padding: 10px 0; border-bottom: 1px solid var(--line); }
h1 { font-size: 16px; margin: 0; }
label { display: inline-flex; gap: 6px; align-items: center; color: var(--quiet); font-size: 14px; }
select, input, button, textarea { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 4px 10px; }
select { max-width: 60vw; }
input[type=number] { width: 6em; }
button { cursor: pointer; min-height: 32px; }
button:disabled { color: var(--quiet); cursor: default; }
:focus-visible { outline: 3px solid var(--mine); outline-offset: 1px; }
#log { flex: 1; overflow-y: auto; padding: 12px 0; }
.message { display: flex; flex-direction: column; align-items: flex-start; margin: 0 0 8px; }
.message.user { align-items: flex-end; }
.who { color: var(--quiet); font-size: 13px; }
.text { max-width: 85%; padding: 6px 12px; border-radius: 14px; background: var(--theirs); white-space: pre-wrap; overflow-wrap: anywhere; }
.user .text { background: var(--mine); color: var(--on-mine); }
.tools { display: flex; gap: 6px; }
.tools button { font-size: 13px; padding: 0 8px; min-height: 24px; color: var(--quiet); }
#status { min-height: 24px; color: var(--quiet); font-size: 14px; }
#status.wrong { color: var(--wrong); }
form { display: flex; gap: 8px; align-items: flex-end; padding: 0 0 12px; }
textarea { flex: 1; min-width: 0; resize: vertical; min-height: 44px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`;
