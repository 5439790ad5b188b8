/**
 * Formatting: times as `hh:mm:ss.mmm`, one blank around markers. It touches neither text nor blank
 * lines, leaves people's answers as they wrote them, and gives one small edit for each place.
 */
import { formatScope, formatTime, VERSION, type Block, type Notebook, type Range, type TextEdit, type WrittenScope } from "../format/index.js";
import { timesIn, touches } from "./places.js";

/** Edits for the blocks that touch `part`, or for all. None for a file of another version. */
export function formatting({ document }: Notebook, part?: Range): TextEdit[] {
  const { header, source } = document;
  if (header?.syntax === "vqa" && header.version !== VERSION) return [];
  const edits: TextEdit[] = [];
  for (const block of document.blocks) {
    if (part !== undefined && !touches(block, part)) continue;
    for (const edit of formatBlock(block, source)) {
      if (source.slice(edit.start, edit.end) !== edit.newText) edits.push(edit);
    }
  }
  return edits;
}

function formatBlock(block: Block, source: string): TextEdit[] {
  const edits: TextEdit[] = [];
  const set = (start: number, end: number, newText: string): void => void edits.push({ start, end, newText });
  /** From the end of what was written to the text: the colon, and one blank unless nothing follows. */
  const colon = (from: number): void => {
    const at = source.indexOf(":", from);
    const next = source[at + 1];
    if (next === undefined || next === "\n" || next === "\r") set(from, at + 1, ":");
    else if (next === " " || next === "\t") set(from, at + 2, ": ");
    else set(from, at + 1, ": ");
  };
  switch (block.kind) {
    case "header":
    case "run":
      for (const { key, value } of block.entries) set(key.end, value.start, value.text === "" ? source.slice(key.end, value.start).trim() : ": ");
      break;
    case "heading": {
      const blanks = /^[ \t]*/.exec(block.raw.slice(block.level))?.[0].length ?? 0;
      if (block.text !== "") set(block.start + block.level, block.start + block.level + blanks, " ");
      break;
    }
    case "segment": {
      const { scope } = block;
      const text = block.lines[0];
      if (scope.spans === undefined) break;
      set(block.start + 1, scope.start, " ");
      setScope(edits, scope);
      if (text !== undefined && text.text.trim() !== "") set(scope.end, text.start, " ");
      break;
    }
    case "question": {
      const { id, scope } = block;
      if (scope !== undefined && scope.spans === undefined) break;
      if (id !== undefined) set(block.start + 1, id.start, " ");
      const before = id?.end ?? block.start + 1;
      if (scope !== undefined) {
        set(before, scope.start, " @");
        setScope(edits, scope);
      }
      colon(scope?.end ?? before);
      for (const choice of block.choices) formatChoice(edits, source, choice);
      break;
    }
    case "model": {
      let at = block.start + 1;
      for (const word of [block.run8, block.in12, ...block.fields]) {
        set(at, word.start, " ");
        at = word.end;
      }
      colon(at);
      break;
    }
    case "cue": {
      const [from, to] = timesIn(source, block.timing);
      if (from === undefined || to === undefined) break;
      set(from.start, from.end, formatTime(from.ms));
      set(from.end, to.start, " --> ");
      set(to.start, to.end, formatTime(to.ms));
      break;
    }
    case "blank":
    case "note":
    case "opaque":
    case "reference":
      break;
  }
  return edits;
}

function setScope(edits: TextEdit[], { start, end, spans }: WrittenScope): void {
  if (spans !== undefined) edits.push({ start, end, newText: formatScope(spans) });
}

/** `  - [x] text`: the marker and its indent. */
function formatChoice(edits: TextEdit[], source: string, choice: Range & { readonly text: string; readonly gold: boolean }): void {
  if (choice.text === "") return;
  const close = source.indexOf("]", choice.start);
  const indent = source[choice.start - 1] === "\t" ? choice.start - 1 : choice.start - 2;
  const text = source.slice(close + 1, choice.end);
  const blanks = text.length - text.trimStart().length;
  edits.push({ start: indent, end: close + 1 + blanks, newText: `  - [${choice.gold ? "x" : " "}] ` });
}
