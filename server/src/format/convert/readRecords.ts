/** A notebook as records, in the order of the file. */
import { findRun, readNotebook, runFields, type Notebook, type Question } from "../questions.js";
import type { Document, Word } from "../tree.js";
import type { Losses } from "./losses.js";
import { ID_FIELD, type ConvertRecord, type Fields, type QuestionRecord, type VideoNotes } from "./records.js";

/**
 * Reads the records of a notebook. Scopes are those that count: written in the question, else of the
 * segment above. What cannot be read in the notebook is counted as lost, not guessed.
 * @param source the file, for the report of losses
 * @param stem names the video of a notebook that does not
 */
export function readRecords(document: Document, source: string, stem: string, losses: Losses): VideoNotes {
  const notebook = readNotebook(document);
  const questions = new Map(notebook.questions.map((question) => [question.block, question]));
  const records: ConvertRecord[] = [];
  const entries = notebook.header.entries.map(({ key, value }) => [key.text, value.text] as const);
  if (entries.length > 0) records.push({ kind: "header", entries });
  // A note of fields belongs to the question or segment right above it.
  let owner: number | undefined;
  for (const block of document.blocks) {
    const place = `${source}:${block.line}`;
    if (block.kind === "blank") continue;
    const above = owner;
    owner = undefined;
    switch (block.kind) {
      case "question": {
        const question = questions.get(block);
        if (question === undefined) break;
        if (question.scope.origin === "invalid") losses.add("bad-scope", `${place}: question ${question.id} is left out`);
        else owner = records.push(questionRecord(notebook, question)) - 1;
        break;
      }
      case "segment":
        if (block.scope.spans === undefined) losses.add("bad-scope", `${place}: caption is left out`);
        else owner = records.push({ kind: "segment", scope: block.scope.spans, text: joined(block.lines), fields: {} }) - 1;
        break;
      case "cue": {
        const { startMs, endMs, settings } = block;
        if (endMs < startMs) losses.add("cue-time", place);
        else records.push({ kind: "cue", startMs, endMs, settings, id: block.id?.text.trim(), text: block.lines.map((line) => line.text).join("\n") });
        break;
      }
      case "heading":
        records.push({ kind: "heading", level: block.level, text: block.text.trim() });
        break;
      case "note": {
        const text = joined(block.lines);
        const fields = above === undefined || block.lines[0]?.text === "" ? undefined : fieldsOf(text);
        const owning = above === undefined ? undefined : records[above];
        if (fields !== undefined && above !== undefined && (owning?.kind === "question" || owning?.kind === "segment")) records[above] = withFields(owning, fields);
        else records.push({ kind: "note", text });
        break;
      }
      case "opaque":
        if (block.resembles === "style" || block.resembles === "region") records.push({ kind: "style", text: block.raw.replace(/\r\n?/g, "\n").trimEnd() });
        else losses.add("unreadable", `${place}: ${block.raw.trim()}`);
        break;
      default:
        break;
    }
  }
  countUnattached(notebook, source, losses);
  return { source, video: videoOf(entries) ?? stem, records };
}

function countUnattached(notebook: Notebook, source: string, losses: Losses): void {
  for (const orphan of notebook.orphans) losses.add("unpaired", `${source}:${orphan.line}`);
  const used = new Set(notebook.questions.flatMap((question) => question.answers.map((answer) => answer.run8)));
  for (const run of notebook.runs) if (!used.has(run.run8.text)) losses.add("unused-runs", `${source}:${run.line}`);
}

function questionRecord(notebook: Notebook, question: Question): QuestionRecord {
  return {
    kind: "question",
    id: question.block.id?.text,
    text: question.text,
    scope: question.scope.spans,
    choices: question.choices.map(({ text, gold }) => ({ text, gold })),
    references: question.references.map(({ author, text }) => ({ author, text })),
    answers: question.answers.map(({ run8, in12, fields, text }) => {
      // A record that was altered travels as it is, so that it is still seen to be altered.
      const run = findRun(notebook, run8);
      return { run8, in12, text, fields: fields.map(({ key, value }) => [key, value] as const), run: run === undefined ? undefined : runFields(run) };
    }),
    fields: {},
  };
}

/** An id that the grammar has no place for is kept among the fields. */
function withFields<T extends ConvertRecord & { readonly fields: Fields }>(record: T, fields: Fields): T {
  if (record.kind !== "question" || record.id !== undefined || typeof fields[ID_FIELD] !== "string") return { ...record, fields };
  const { [ID_FIELD]: id, ...rest } = fields;
  return { ...record, id, fields: rest };
}

function fieldsOf(text: string): Fields | undefined {
  if (!text.startsWith("fields {")) return undefined;
  try {
    const value: unknown = JSON.parse(text.slice("fields ".length));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

function videoOf(entries: readonly (readonly [string, string])[]): string | undefined {
  const first = (wanted: string): string | undefined => entries.find(([key, value]) => key === wanted && value !== "")?.[1];
  return first("dataset.video") ?? first("video");
}

function joined(lines: readonly Word[]): string {
  return lines.map((line) => line.text).join("\n").trim();
}
