/** The page's style: system fonts, and light or dark to match the reader's system. */
export const compareStyle = `
:root { --paper: #fff; --ink: #1b1f24; --quiet: #57606a; --line: #d8dee4; --soft: #f4f6f8; --mark: #0072b2; color-scheme: light; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171b; --ink: #e6e9ed; --quiet: #9aa4af; --line: #333a42; --soft: #1d2126; --mark: #56b4e9; color-scheme: dark; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
#page { max-width: 1200px; margin: 0 auto; padding: 24px 20px 60px; }
h1 { font-size: 24px; margin: 0 0 2px; font-weight: 650; }
h2 { font-size: 17px; margin: 36px 0 10px; font-weight: 650; }
.quiet { color: var(--quiet); }
.bar { display: flex; flex-wrap: wrap; gap: 10px 18px; align-items: center; margin: 20px 0 6px; }
.bar label, .bar .option { display: inline-flex; gap: 6px; align-items: center; color: var(--quiet); }
select, button { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: 3px 9px; }
.choice { display: inline-flex; }
.choice button { border-radius: 0; margin-left: -1px; cursor: pointer; }
.choice button:first-child { border-radius: 6px 0 0 6px; }
.choice button:last-child { border-radius: 0 6px 6px 0; }
button[aria-pressed=true] { background: var(--mark); border-color: var(--mark); color: var(--paper); }
.chart { width: 100%; height: 420px; position: relative; }
.names { position: absolute; inset: 0 0 0 auto; width: 196px; font-size: 12px; line-height: 15px; pointer-events: none; }
.names svg { display: inline-block; width: 22px; margin-right: 5px; vertical-align: -1px; }
.names span { position: absolute; left: 6px; right: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.chart.parallel { height: 340px; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 6px 8px; white-space: nowrap; border-top: 1px solid var(--line); }
thead th { border-top: 0; background: var(--soft); color: var(--quiet); font-weight: 600; cursor: pointer; user-select: none; }
thead th[aria-sort=ascending]::after { content: " ↑"; }
thead th[aria-sort=descending]::after { content: " ↓"; }
thead th button { border: 0; padding: 0; background: none; font-weight: inherit; text-align: inherit; cursor: pointer; }
thead th { white-space: normal; }
thead td { border-top: 0; background: var(--soft); }
button.shown { border: 0; padding: 4px 0; background: none; cursor: pointer; }
th.param, td.param { white-space: normal; overflow-wrap: anywhere; min-width: 4em; max-width: 14em; }
td.run, td.outcome { white-space: normal; overflow-wrap: anywhere; min-width: 7em; }
h3 { font-size: 15px; margin: 20px 0 6px; }
details { margin: 10px 0; }
summary { cursor: pointer; color: var(--quiet); }
code { font: 12.5px ui-monospace, SFMono-Regular, Menlo, monospace; overflow-wrap: anywhere; }
.params { display: grid; grid-template-columns: minmax(8em, 1fr) 3fr; gap: 6px 16px; }
.params dt, .params dd, .data { margin: 0; min-width: 0; overflow-wrap: anywhere; }
th.text, td.text { text-align: left; }
tbody tr { cursor: pointer; }
tbody tr:hover, tbody tr.hovered { background: var(--soft); }
tbody tr.off td { color: var(--quiet); font-weight: 400; text-decoration: line-through; }
tbody tr.off svg { opacity: .3; }
td svg { display: block; }
td.run { color: var(--quiet); font: 12.5px ui-monospace, SFMono-Regular, Menlo, monospace; }
td.winner { font-weight: 700; }
.texts { display: grid; grid-template-columns: repeat(auto-fill, minmax(270px, 1fr)); gap: 14px; }
.card { border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px 12px; min-width: 0; }
.card header { display: flex; gap: 8px; align-items: center; font-weight: 600; font-size: 13.5px; margin-bottom: 6px; overflow-wrap: anywhere; }
.card pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; }
.card pre + pre { border-top: 1px dashed var(--line); margin-top: 8px; padding-top: 8px; }
.card .prompt { color: var(--quiet); }
@media (max-width: 900px) {
  .scroll thead { display: none; }
  .scroll table, .scroll tbody { display: block; }
  .scroll tbody tr { display: grid; grid-template-columns: 1fr 1fr; padding: 8px; border-top: 1px solid var(--line); }
  .scroll td { display: block; border: 0; padding: 3px 6px; text-align: left; white-space: normal; overflow-wrap: anywhere; max-width: none; }
  .scroll td[data-head]::before { content: attr(data-head); display: block; color: var(--quiet); font: 12px system-ui, sans-serif; }
  .scroll td:first-child { grid-column: 1 / -1; }
}
.tip b { font-variant-numeric: tabular-nums; }
`;
