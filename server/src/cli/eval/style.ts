/** The looks of a report: light or dark as the reader's system is, readable when printed. */
export const REPORT_STYLE = `
:root{--back:#fff;--text:#1b1f24;--soft:#57606a;--line:#d0d7de;--card:#f6f8fa;--bar:#2f6fde;--second:#b86e00;--whisker:#1b1f24;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--back:#0f1318;--text:#e6edf3;--soft:#9aa7b4;--line:#30363d;--card:#171c23;--bar:#5a94f5;--second:#e0a040;--whisker:#e6edf3;--bad:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:16px/1.5 system-ui,sans-serif}
main{max-width:960px;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.7rem;line-height:1.25;margin:0 0 1rem}
h2{font-size:1.25rem;margin:2.5rem 0 .75rem}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:.5rem 1.5rem;margin:0}
.facts dt,dt{color:var(--soft);font-size:.85rem}
.facts dd{margin:0;overflow-wrap:anywhere}
.note{border-left:3px solid var(--line);padding-left:.75rem;color:var(--soft)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(160px,1fr));gap:.75rem;list-style:none;margin:1.5rem 0 0;padding:0}
.cards li{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.75rem 1rem;display:flex;flex-direction:column}
.card-name,.card-more{color:var(--soft);font-size:.85rem}
.card-value{font-size:1.6rem;font-weight:600;font-variant-numeric:tabular-nums}
svg{width:100%;height:auto;display:block;margin:.5rem 0 1rem;font:13px system-ui,sans-serif}
svg text{fill:var(--text)}
svg .tick{fill:var(--soft);font-size:12px}
.bar,.dot{fill:var(--bar)}
.bar.second{fill:var(--second)}
.dot{fill-opacity:.8}
.grid,.axis,.frame{stroke:var(--line);fill:none}
.whisker{stroke:var(--whisker);stroke-width:1.5;fill:none}
.scroll{overflow-x:auto}
.scroll:focus-visible,summary:focus-visible{outline:2px solid var(--bar);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);font-size:.9rem;padding-bottom:.4rem}
th,td{text-align:right;padding:.35rem .6rem;border-bottom:1px solid var(--line);white-space:nowrap}
th[scope=row],thead th:first-child{text-align:left}
thead th{font-weight:600}
tbody th{font-weight:400}
.interval{color:var(--soft);font-size:.85em;margin-left:.35em}
.failures{list-style:none;margin:0;padding:0;display:grid;gap:.75rem}
.failures li{display:flex;flex-wrap:wrap;gap:.75rem 1.25rem;border:1px solid var(--line);border-radius:8px;padding:.75rem 1rem;break-inside:avoid}
.pictures{display:flex;gap:4px;flex-wrap:wrap}
.pictures:empty{display:none}
.pictures img{border-radius:4px;background:var(--card)}
.failures li>div:last-child{flex:1 1 260px;min-width:0}
.failures p,.failures dl{margin:0}
.failures dl>div{display:flex;gap:.5rem}
.failures dt{flex:0 0 3.2rem;padding-top:.12rem}
.failures dd{margin:0;overflow-wrap:anywhere}
.question{font-weight:600}
.wrong{color:var(--bad)}
.where{color:var(--soft);font-size:.85rem;overflow-wrap:anywhere}
details{margin-top:2.5rem;color:var(--soft)}
summary{cursor:pointer;color:var(--text)}
@media print{main{max-width:none;padding:0}details{display:none}}
`;
