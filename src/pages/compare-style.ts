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
th, td { text-align: right; padding: 6px 12px; white-space: nowrap; border-top: 1px solid var(--line); }
thead th { border-top: 0; background: var(--soft); color: var(--quiet); font-weight: 600; cursor: pointer; user-select: none; }
thead th[aria-sort=ascending]::after { content: " ↑"; }
thead th[aria-sort=descending]::after { content: " ↓"; }
th.text, td.text { text-align: left; }
tbody tr { cursor: pointer; }
tbody tr:hover, tbody tr.hovered { background: var(--soft); }
tbody tr.off { opacity: .42; }
td svg { display: block; }
td.run { color: var(--quiet); font: 12.5px ui-monospace, SFMono-Regular, Menlo, monospace; }
td.winner { font-weight: 700; }
.texts { display: grid; grid-template-columns: repeat(auto-fill, minmax(270px, 1fr)); gap: 14px; }
.card { border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px 12px; min-width: 0; }
.card header { display: flex; gap: 8px; align-items: center; font-weight: 600; font-size: 13.5px; margin-bottom: 6px; overflow-wrap: anywhere; }
.card pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; }
.card pre + pre { border-top: 1px dashed var(--line); margin-top: 8px; padding-top: 8px; }
.card .prompt { color: var(--quiet); }
.tip b { font-variant-numeric: tabular-nums; }
`;
