import { compareStyle } from './compare-style.ts';

/** As the page of `compare`, and tables that wrap. */
export const runStyle = `${compareStyle}
th, td { white-space: normal; overflow-wrap: anywhere; min-width: 4.5em; }
thead th { overflow-wrap: break-word; min-width: 0; }
th, thead th { cursor: default; user-select: auto; }
tbody tr { cursor: auto; }
tbody th { font-weight: 400; text-align: left; }
td.number { white-space: nowrap; }
td.bar-cell { width: 34%; }
.meter { height: 12px; background: var(--mark); border-radius: 2px; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 16px 0 0; }
.facts div { border: 1px solid var(--line); border-radius: 8px; padding: 8px 14px; }
.facts dt { color: var(--quiet); font-size: 13px; }
.facts dd { margin: 0; font-size: 19px; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
details { margin: 8px 0; }
summary { cursor: pointer; color: var(--quiet); }
pre, code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; margin: 8px 0; }
.note { white-space: pre-wrap; overflow-wrap: anywhere; margin: 8px 0 0; }
.failed { color: var(--bad); }
:root { --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; } }
.origin { border-left: 3px solid var(--line); padding: 2px 0 2px 14px; margin: 12px 0; }
.origin p { margin: 2px 0; overflow-wrap: anywhere; }
@media (max-width: 600px) {
  th, td { padding: 5px 6px; }
  .chart { height: 300px; }
}
`;
