/** A parse as text, for tests: one line a block, with what was read of it, then the problems. */
import { formatScope, formatTime, type Block, type Notebook, type Problem, type WrittenScope } from "../../../server/src/format/index.js";

export function outline(notebook: Notebook, problems: readonly Problem[]): string {
  const lines = notebook.document.blocks.map((block) => `${block.line} ${describe(block)}`);
  for (const problem of problems) lines.push(`! ${problem.line} ${problem.severity} ${problem.code}`);
  return lines.map((line) => `${line}\n`).join("");
}

function describe(block: Block): string {
  switch (block.kind) {
    case "header":
      return `header ${block.syntax} ${block.version ?? "-"}${block.entries.map((e) => ` ${e.key.text}=${quote(e.value.text)}`).join("")}`;
    case "blank":
      return "blank";
    case "heading":
      return `heading ${block.level} ${quote(block.text)}`;
    case "segment":
      return `segment${scope(block.scope)} ${text(block.lines)}`;
    case "question":
      return `question ${block.id?.text ?? "-"}${scope(block.scope)} ${text(block.lines)}${block.choices.map((c) => ` [${c.gold ? "x" : " "}]${quote(c.text)}`).join("")}`;
    case "reference":
      return `reference ${block.author?.text ?? "-"} ${text(block.lines)}`;
    case "model":
      return `model ${block.run8.text} ${block.in12.text}${block.fields.map((f) => ` ${f.key}=${quote(f.value)}`).join("")} ${text(block.lines)}`;
    case "run":
      return `run ${block.run8.text}${block.entries.map((e) => ` ${e.key.text}=${quote(e.value.text)}`).join("")}`;
    case "note":
      return `note ${text(block.lines)}`;
    case "cue":
      return `cue ${block.id?.text ?? "-"} ${formatTime(block.startMs)}-${formatTime(block.endMs)} ${quote(block.settings)} ${text(block.lines)}`;
    case "opaque":
      return `opaque ${block.resembles ?? "-"} ${quote(block.raw)}`;
  }
}

function scope(written: WrittenScope | undefined): string {
  if (written === undefined) return "";
  return written.spans === undefined ? " @?" : ` @${formatScope(written.spans)}`;
}

function text(lines: readonly { readonly text: string }[]): string {
  return quote(lines.map((line) => line.text).join("\n"));
}

function quote(value: string): string {
  return JSON.stringify(value);
}
