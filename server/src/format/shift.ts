/** Blocks at another place of the text: what follows an edit stays what it is. */
import type { Block, Entry, Problem, Word, WrittenScope } from "./tree.js";

/**
 * A block moved by `by` characters and `lines` lines. Written out for each kind: thousands of them
 * are moved at every key.
 */
export function shiftBlock(block: Block, by: number, lines: number): Block {
  const start = block.start + by;
  const end = block.end + by;
  const line = block.line + lines;
  const { raw } = block;
  switch (block.kind) {
    case "blank":
      return { kind: "blank", start, end, line, raw };
    case "heading":
      return { kind: "heading", start, end, line, raw, level: block.level, text: block.text };
    case "opaque":
      return { kind: "opaque", start, end, line, raw, resembles: block.resembles };
    case "header":
      return { kind: "header", start, end, line, raw, syntax: block.syntax, version: block.version, entries: block.entries.map((one) => entry(one, by)) };
    case "segment":
      return { kind: "segment", start, end, line, raw, scope: scope(block.scope, by), lines: words(block.lines, by) };
    case "question":
      return {
        kind: "question",
        start,
        end,
        line,
        raw,
        id: block.id && word(block.id, by),
        scope: block.scope && scope(block.scope, by),
        lines: words(block.lines, by),
        choices: block.choices.map((choice) => ({ text: choice.text, gold: choice.gold, start: choice.start + by, end: choice.end + by })),
      };
    case "reference":
      return { kind: "reference", start, end, line, raw, author: block.author && word(block.author, by), lines: words(block.lines, by) };
    case "model":
      return {
        kind: "model",
        start,
        end,
        line,
        raw,
        run8: word(block.run8, by),
        in12: word(block.in12, by),
        fields: block.fields.map((field) => ({ key: field.key, value: field.value, start: field.start + by, end: field.end + by })),
        lines: words(block.lines, by),
      };
    case "run":
      return { kind: "run", start, end, line, raw, run8: word(block.run8, by), entries: block.entries.map((one) => entry(one, by)) };
    case "note":
      return { kind: "note", start, end, line, raw, lines: words(block.lines, by) };
    case "cue":
      return {
        kind: "cue",
        start,
        end,
        line,
        raw,
        id: block.id && word(block.id, by),
        startMs: block.startMs,
        endMs: block.endMs,
        timing: { start: block.timing.start + by, end: block.timing.end + by },
        settings: block.settings,
        lines: words(block.lines, by),
      };
  }
}

export function shiftProblem(problem: Problem, by: number, lines: number): Problem {
  const { code, severity, message, start, end, line } = problem;
  return { code, severity, message, start: start + by, end: end + by, line: line + lines };
}

function word({ start, end, text }: Word, by: number): Word {
  return { start: start + by, end: end + by, text };
}

function words(all: readonly Word[], by: number): Word[] {
  const moved: Word[] = [];
  for (const one of all) moved.push(word(one, by));
  return moved;
}

function entry({ key, value, start, end }: Entry, by: number): Entry {
  return { key: word(key, by), value: word(value, by), start: start + by, end: end + by };
}

function scope({ start, end, spans }: WrittenScope, by: number): WrittenScope {
  return { start: start + by, end: end + by, spans };
}
