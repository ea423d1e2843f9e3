/** The style of the page of `runner judge`: light or dark to match the system, from the width of a phone on. */
export const judgeStyle = `
:root { --paper: #fff; --ink: #1b1f24; --quiet: #57606a; --line: #d0d7de; --card: #f3f5f7; --act: #0b5cad; --on-act: #fff; --wrong: #b3261e; color-scheme: light; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171b; --ink: #e6e9ed; --quiet: #9aa4af; --line: #3a424b; --card: #1d2227; --act: #1a5fc7; --wrong: #ff8a80; color-scheme: dark; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 960px; margin: 0 auto; padding: 12px; }
h1 { font-size: 20px; margin: 8px 0; }
h2 { font-size: 17px; margin: 12px 0 6px; }
h3 { font-size: 15px; margin: 0 0 6px; color: var(--quiet); }
[hidden] { display: none !important; }
ol { list-style: none; margin: 0; padding: 0; }
li { padding: 3px 0; overflow-wrap: anywhere; white-space: pre-wrap; }
.who { color: var(--quiet); }
.who::after { content: ": "; }
#context { border-left: 3px solid var(--line); padding-left: 10px; margin-bottom: 12px; }
#texts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 260px), 1fr)); gap: 12px; }
.text { display: flex; flex-direction: column; justify-content: space-between; gap: 10px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 10px 12px; min-width: 0; }
button { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 6px 12px; min-height: 40px; cursor: pointer; }
button.main { background: var(--act); border-color: var(--act); color: var(--on-act); }
#tools { display: flex; flex-wrap: wrap; gap: 8px; margin: 14px 0; }
.no-keys kbd { display: none; }
label { display: flex; gap: 8px; align-items: flex-start; margin: 10px 0; }
input { width: 20px; height: 20px; flex: none; }
kbd { font: inherit; font-size: 13px; border: 1px solid currentColor; border-radius: 4px; padding: 0 5px; margin-right: 6px; }
#progress, .quiet { color: var(--quiet); }
#trouble { color: var(--wrong); min-height: 24px; }
dialog { border: 1px solid var(--line); border-radius: 10px; background: var(--paper); color: var(--ink); max-width: min(92vw, 480px); }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
h2:focus-visible { outline: none; }
`;
