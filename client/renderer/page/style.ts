/** Colours and fonts are the theme's. */
export const STYLE = `
  :host { display: block; color: var(--vscode-foreground); font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); padding: 2px 0 4px; }
  .text { white-space: pre-wrap; font-size: 1.1em; }
  ul.choices { list-style: none; margin: 6px 0; padding: 0; display: grid; grid-template-columns: auto auto minmax(60px, 200px) auto 1fr; gap: 2px 10px; align-items: center; }
  ul.choices li { display: contents; }
  ul.choices li.best > * { font-weight: 600; }
  .status { font-style: italic; }
  .status, .letter, .percent, summary, h4, th, .why { color: var(--vscode-descriptionForeground); }
  .percent { grid-column: span 2; font-variant-numeric: tabular-nums; }
  .bar { background: var(--vscode-editorWidget-background); border: 1px solid var(--vscode-contrastBorder, transparent); height: 6px; border-radius: 3px; overflow: hidden; }
  .bar > span { display: block; height: 100%; background: var(--vscode-progressBar-background); }
  .decide { display: flex; gap: 14px; margin-top: 4px; }
  details { margin-top: 4px; }
  summary { cursor: pointer; width: fit-content; border-radius: 3px; }
  summary:focus-visible, button:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
  h4 { margin: 8px 0 2px; font-size: 0.9em; font-weight: 600; }
  p { margin: 4px 0; }
  button { font: inherit; font-variant-numeric: tabular-nums; color: var(--vscode-textLink-foreground); background: none; border: 0; border-radius: 2px; padding: 0; cursor: pointer; text-align: start; }
  button:hover { color: var(--vscode-textLink-activeForeground); text-decoration: underline; }
  th { font-variant-numeric: tabular-nums; }
  ol.frames, ul.spans { list-style: none; margin: 4px 0; padding: 0; }
  ol.frames { display: flex; flex-wrap: wrap; gap: 6px 10px; }
  ol.frames button { display: flex; flex-direction: column; gap: 2px; }
  canvas { width: 96px; border: 1px solid var(--vscode-contrastBorder, transparent); border-radius: 2px; }
  button:hover canvas { outline: 1px solid var(--vscode-focusBorder); }
  .mattered button { color: var(--vscode-textLink-foreground); }
  table.weights td { padding-inline-end: 10px; }
  td.number { font-variant-numeric: tabular-nums; text-align: end; }
  td .bar { display: block; width: 60px; margin-top: 0.45em; }
  tr.against .bar > span { background: var(--vscode-errorForeground); }
  table { border-collapse: collapse; }
  th { text-align: start; font-weight: normal; padding: 1px 14px 1px 0; vertical-align: top; white-space: nowrap; }
  td { padding: 1px 0; overflow-wrap: anywhere; white-space: pre-wrap; }
`;
