/** The text of an event of Advanced SubStation Alpha as WebVTT markup. */
import { trimBlanks } from "./blanks.js";
import { escapeCueText } from "./srtMarkup.js";

export interface EventStyle {
  readonly b: boolean;
  readonly i: boolean;
  readonly u: boolean;
}

export interface EventContext {
  readonly style: EventStyle;
  /** By name, for `\r` with one. */
  readonly styles: ReadonlyMap<string, EventStyle>;
  /** `WrapStyle` of the file: with 2, `\n` breaks the line; otherwise it is a blank. */
  readonly wrap: number;
}

export interface EventText {
  /** Empty when the event shows no words. */
  readonly markup: string;
  /** It held a drawing: shapes after `{\p1}`. */
  readonly drew: boolean;
  /** What stood in braces without being a code. */
  readonly comments: readonly string[];
  /** Names of the codes that were left out. */
  readonly codes: readonly string[];
}

const PLAIN: EventContext = { style: { b: false, i: false, u: false }, styles: new Map(), wrap: 0 };
/** Escapes, override blocks and words. */
const PIECE = /\\[Nnh{}]|\{[^}]*\}|[^\\{]+|[^]/g;
/** Behind the last closing brace, where no block can end: looking for one at each brace would take for ever. */
const WORDS = /\\[Nnh{}]|[^\\]+|[^]/g;

function* piecesOf(event: string): Generator<{ readonly piece: string; readonly block: boolean }> {
  // A match never reaches over the end of the first part: it ends with the brace that ends blocks.
  const closed = event.lastIndexOf("}") + 1;
  for (const [piece] of event.slice(0, closed).matchAll(PIECE)) yield { piece, block: piece.length > 1 && piece.startsWith("{") };
  for (const [piece] of event.slice(closed).matchAll(WORDS)) yield { piece, block: false };
}

/** Without what stands in parentheses, however deep; one that has no other half stays. */
function outsideParentheses(text: string): string {
  if (!text.includes("(")) return text;
  const kept: string[] = [];
  const open: number[] = [];
  for (const character of text) {
    const from = character === ")" ? open.pop() : undefined;
    if (from !== undefined) {
      kept.length = from;
      continue;
    }
    if (character === "(") open.push(kept.length);
    kept.push(character);
  }
  return kept.join("");
}
const CODE = /\\(?:([biupq])(-?\d*)(?![\da-zA-Z])|r([^\\]*)|(fn|\d?[a-zA-Z]+))/g;

export function eventMarkup(event: string, { style, styles, wrap }: EventContext = PLAIN): EventText {
  const comments: string[] = [];
  const codes: string[] = [];
  let [drawing, drew, wraps] = [false, false, wrap];
  let out = "";
  let open: string[] = [];
  const set = (tag: string, on: boolean): void => {
    if (on && !open.includes(tag)) {
      open.push(tag);
      out += `<${tag}>`;
    } else if (!on && open.includes(tag)) {
      // Tags must nest: those inside are closed with it and opened again.
      const inside = open.slice(open.indexOf(tag) + 1);
      out += [...inside].reverse().map((t) => `</${t}>`).join("") + `</${tag}>` + inside.map((t) => `<${t}>`).join("");
      open = open.filter((t) => t !== tag);
    }
  };
  const setAll = (to: EventStyle): void => {
    for (const tag of ["b", "i", "u"] as const) set(tag, to[tag]);
  };
  const override = (block: string): void => {
    if (!block.includes("\\")) {
      if (block.trim() !== "") comments.push(block.trim());
      return;
    }
    // Codes in parentheses are those of an animation: what is true at its end is not told.
    for (const [, code, value = "", reset, other] of outsideParentheses(block).matchAll(CODE)) {
      if (reset !== undefined) setAll(styles.get(reset.trim()) ?? style);
      else if (other !== undefined) codes.push(other);
      else if (code === "p") drawing = Number(value) > 0;
      else if (code === "q") wraps = value === "" ? wrap : Number(value);
      // Weights are 1 or from 100 on, of which 400 is regular; none is what the style says.
      else if (code === "b") set("b", value === "" ? style.b : value === "1" || Number(value) > 400);
      else if (code === "i" || code === "u") set(code, value === "" ? style[code] : Number(value) > 0);
    }
  };
  setAll(style);
  for (const { piece, block } of piecesOf(event)) {
    if (block) override(piece.slice(1, -1));
    else if (drawing) drew ||= piece.trim() !== "";
    else if (piece === "\\N") out += "\n";
    else if (piece === "\\n") out += wraps === 2 ? "\n" : " ";
    else if (piece === "\\h") out += "\u00a0";
    else if (piece === "\\{" || piece === "\\}") out += piece[1];
    else out += escapeCueText(piece);
  }
  setAll({ b: false, i: false, u: false });
  // Until none is left: one that encloses nothing may have stood in another.
  for (let before = ""; before !== out; ) {
    before = out;
    out = out.replace(/<([biu])>(\s*)<\/\1>/g, "$2");
  }
  const markup = out.split("\n").map((line) => trimBlanks(line)).join("\n");
  return { markup: markup.replace(/<[^>]*>/g, "").trim() === "" ? "" : markup, drew, comments, codes };
}
